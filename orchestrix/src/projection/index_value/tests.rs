use std::cmp::Ordering;

use proptest::prelude::*;

use super::*;

/// Checks that two values have the order of their encodings.
fn same_order<T: IndexValue + Ord + fmt::Debug>(a: T, b: T) {
    let (encoded_a, encoded_b) = (a.encoded(), b.encoded());
    assert_eq!(
        encoded_a.cmp(&encoded_b),
        a.cmp(&b),
        "{a:?} is {encoded_a:x?}, {b:?} is {encoded_b:x?}"
    );
}

fn all_pairs<T: IndexValue + Ord + fmt::Debug + Clone>(values: &[T]) {
    for a in values {
        for b in values {
            same_order(a.clone(), b.clone());
        }
    }
}

/// Numbers about the places where their length changes.
fn corners() -> Vec<i128> {
    let powers = (0..127).map(|power| 1_i128 << power);
    let mut corners: Vec<_> = powers
        .flat_map(|power| [power - 1, power, power + 1])
        .collect();
    corners.extend(corners.clone().iter().map(|number| -number));
    corners.extend([i128::MIN, i128::MIN + 1, i128::MAX]);
    corners
}

#[test]
fn numbers_about_powers_of_two_are_in_order() {
    all_pairs(&corners());
}

#[test]
fn numbers_are_the_same_in_every_width() {
    for number in corners() {
        let encoded = number.encoded();
        let as_others = [
            i8::try_from(number).map(|n| n.encoded()),
            i16::try_from(number).map(|n| n.encoded()),
            i32::try_from(number).map(|n| n.encoded()),
            i64::try_from(number).map(|n| n.encoded()),
            isize::try_from(number).map(|n| n.encoded()),
            u8::try_from(number).map(|n| n.encoded()),
            u16::try_from(number).map(|n| n.encoded()),
            u32::try_from(number).map(|n| n.encoded()),
            u64::try_from(number).map(|n| n.encoded()),
            u128::try_from(number).map(|n| n.encoded()),
            usize::try_from(number).map(|n| n.encoded()),
        ];
        for other in as_others.into_iter().flatten() {
            assert_eq!(other, encoded, "{number}");
        }
    }
    all_pairs(&[0, 1, u128::MAX - 1, u128::MAX, i128::MAX as u128 + 1]);
}

#[test]
fn nothing_comes_first() {
    all_pairs(&[None, Some(i64::MIN), Some(0), Some(i64::MAX)]);
    all_pairs(&[None, Some(String::new()), Some("\0".to_owned())]);
    all_pairs(&[None, Some(false), Some(true)]);
    assert_eq!(Option::<Uuid>::KIND, IndexKind::Uuid);
}

#[test]
fn times_before_and_after_1970_are_in_order() {
    let second = |second| Timestamp::from_second(second).expect("a time");
    let nanosecond = |ns| Timestamp::from_nanosecond(ns).expect("a time");
    let mut times = vec![Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH];
    times.extend([-1, 1, -2_000_000_000, 2_000_000_000].map(second));
    times.extend([-1, 1, -999_999_999, 999_999_999].map(nanosecond));
    all_pairs(&times);
}

#[test]
fn a_long_text_is_cut_and_comes_after_its_beginning() {
    let longest = "é".repeat(MAX_INDEX_TEXT_BYTES / 2);
    let longer = longest.clone() + "a";
    assert!(!is_cut(&longest.encoded()) && is_cut(&longer.encoded()));
    assert_eq!(longer.encoded().len(), MAX_INDEX_TEXT_BYTES + 2);
    same_order(longest.clone(), longer.clone());
    // What is cut stands on the right side of whatever is not.
    let next = "é".repeat(MAX_INDEX_TEXT_BYTES / 2 - 1) + "ê";
    all_pairs(&[longest.clone(), longer, next]);
    // In the midst of a letter, too.
    let odd = "a".to_owned() + &longest;
    assert!(is_cut(&odd.encoded()));
    same_order(odd, longest.clone());
    // Two that begin alike are one in the index.
    let (a, b) = (longest.clone() + "a", longest + "b");
    assert_eq!(a.encoded(), b.encoded());
}

#[test]
fn kinds_never_mix() {
    let mut encodings = vec![
        (IndexKind::Bool, true.encoded()),
        (IndexKind::Integer, 1_u8.encoded()),
        (IndexKind::Integer, (-1_i64).encoded()),
        (IndexKind::Time, Timestamp::MAX.encoded()),
        (IndexKind::Text, "".encoded()),
        (IndexKind::Text, "\u{10FFFF}".encoded()),
        (IndexKind::Uuid, Uuid::nil().encoded()),
    ];
    encodings.sort_by(|a, b| a.1.cmp(&b.1));
    let kinds: Vec<_> = encodings.iter().map(|(kind, _)| kind.tag()).collect();
    assert!(kinds.is_sorted(), "{kinds:?}");
    for (kind, encoded) in encodings {
        assert_eq!(encoded[0], kind.tag());
        assert!(encoded < kind.end());
        assert!(!is_cut(&encoded) && encoded.cmp(&None::<bool>.encoded()) == Ordering::Greater);
        assert!(!kind.to_string().is_empty());
    }
}

#[test]
fn all_kinds_of_text_are_one() {
    let text = "a\0b";
    let encoded = text.encoded();
    assert_eq!(text.to_owned().encoded(), encoded);
    assert_eq!(Box::<str>::from(text).encoded(), encoded);
    assert_eq!(Arc::<str>::from(text).encoded(), encoded);
    assert_eq!(Cow::Borrowed(text).encoded(), encoded);
}

/// Letters that make prefixes, NULs and long encodings likely.
fn texts() -> impl Strategy<Value = String> {
    let letter = prop_oneof![
        Just('\0'),
        Just('a'),
        Just('b'),
        Just('\u{ff}'),
        any::<char>()
    ];
    proptest::collection::vec(letter, 0..12).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn signed_numbers_are_in_order(a: i64, b: i64) { same_order(a, b); }

    #[test]
    fn unsigned_numbers_are_in_order(a: u64, b: u64) { same_order(a, b); }

    #[test]
    fn the_widest_numbers_are_in_order(a: i128, b: i128) { same_order(a, b); }

    #[test]
    fn texts_are_in_order(a in texts(), b in texts()) { same_order(a, b); }

    #[test]
    fn uuids_are_in_order(a: u128, b: u128) { same_order(Uuid::from_u128(a), Uuid::from_u128(b)); }

    #[test]
    fn optional_numbers_are_in_order(a: Option<i32>, b: Option<i32>) { same_order(a, b); }

    #[test]
    fn times_are_in_order(a in -377_705_023_201_i64..=253_402_207_200, b in -377_705_023_201_i64..=253_402_207_200) {
        let (a, b) = (Timestamp::from_second(a), Timestamp::from_second(b));
        same_order(a.expect("in range"), b.expect("in range"));
    }

    /// However long a text is, it stands rightly beside every text that a query can ask for.
    #[test]
    fn texts_that_are_cut_are_in_order_with_others(long in "[a-c]{990,1010}", end in 0_usize..1_000, other in texts()) {
        let other = long.get(..end).unwrap_or_default().to_owned() + &other;
        prop_assume!(other.len() <= MAX_INDEX_TEXT_BYTES);
        same_order(long, other);
    }
}
