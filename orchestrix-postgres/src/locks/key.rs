//! The number that stands for a lock in the database.

use orchestrix::store::LockKey;

use crate::schema::Schema;

/// How many bits of a number come from the lock's name.
const NAME_BITS: u32 = 48;

/// The number of a lock, in `-2^48..0`, the same in every process and version. Locks of equal numbers exclude each
/// other, no more.
///
/// The upper 16 bits are all set, which those of a fence never are, and locks on streams are of the form with two
/// numbers, which is a space of its own.
pub(super) fn of(schema: &Schema, key: &LockKey) -> i64 {
    let mut hash = Fnv::default();
    // No name holds a control character, so no two lists of names run together into the same bytes.
    for part in [schema.name(), key.tenant().as_str(), key.name()] {
        hash.write(part.as_bytes());
        hash.write(&[0]);
    }
    (-1 << NAME_BITS) | (hash.finish() & ((1 << NAME_BITS) - 1)).cast_signed()
}

/// FNV-1a with 64 bits, mixed in the end so that all bits depend on all bytes.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(self) -> u64 {
        let mut hash = self.0;
        for _round in 0..2 {
            hash = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        }
        hash ^ (hash >> 32)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use orchestrix::store::{LockKey, TenantId};

    use super::{NAME_BITS, of};
    use crate::schema::Schema;

    fn number(schema: &str, tenant: &str, name: &str) -> i64 {
        let tenant = TenantId::new(tenant).unwrap();
        of(
            &Schema::new(schema).unwrap(),
            &LockKey::new(tenant, name).unwrap(),
        )
    }

    #[test]
    fn a_number_never_changes() {
        // Processes of different versions share a database while they are exchanged.
        assert_eq!(
            number("orchestrix", "default", "nightly-report"),
            -249_165_247_298_008
        );
    }

    #[test]
    fn numbers_of_locks_are_no_numbers_of_fences() {
        for n in 0..1_000 {
            let upper = (number("s", "t", &format!("lock {n}")) >> NAME_BITS) & 0xffff;
            assert_eq!(upper, 0xffff, "a fence has 1 to 65534 there");
        }
    }

    #[test]
    fn schema_tenant_and_name_are_told_apart() {
        let numbers: HashSet<_> = [
            ("a", "b", "c"),
            ("b", "a", "c"),
            ("a", "c", "b"),
            ("ab", "c", "c"),
            ("a", "bc", "c"),
            ("a", "b", "cc"),
        ]
        .map(|(schema, tenant, name)| number(schema, tenant, name))
        .into();
        assert_eq!(numbers.len(), 6);
    }

    #[test]
    fn names_that_differ_by_little_spread_over_the_whole_range() {
        let names = 200_000;
        let numbers: Vec<_> = (0..names)
            .map(|n| number("orchestrix", "default", &format!("stream account-{n}")))
            .collect();
        assert_eq!(numbers.iter().collect::<HashSet<_>>().len(), names);
        for bit in 0..NAME_BITS {
            let set = numbers.iter().filter(|n| *n >> bit & 1 == 1).count();
            // Eight standard deviations from one half.
            assert!(set.abs_diff(names / 2) < 1_800, "bit {bit}: {set}");
        }
    }
}
