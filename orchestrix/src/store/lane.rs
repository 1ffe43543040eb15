//! Parts of a subscription that are read beside each other.

use std::fmt;

use super::StreamId;

/// The most lanes of a subscription.
pub const MAX_LANES: u16 = 256;

/// One of the lanes of a subscription: the streams whose names hash to it. Each stream is in exactly one, always the same
/// one, so its events stay in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane {
    index: u16,
    of: u16,
}

impl Lane {
    /// All lanes of a subscription with so many, at least 1 and at most [`MAX_LANES`].
    pub(crate) fn all(lanes: u16) -> impl Iterator<Item = Self> {
        let of = lanes.clamp(1, MAX_LANES);
        (0..of).map(move |index| Self { index, of })
    }

    /// Whether this stream is in it. By FNV-1a of tenant and name, which no version of this crate may change: a stream that
    /// changed its lane would be read by two.
    ///
    /// Source: <http://www.isthe.com/chongo/tech/comp/fnv/>.
    pub fn has(self, stream: &StreamId) -> bool {
        let bytes = stream.tenant().as_str().bytes();
        let bytes = bytes.chain([0x1f]).chain(stream.name().bytes());
        hash(bytes) % u64::from(self.of) == u64::from(self.index)
    }

    /// The name of its checkpoint, and of the lease on that.
    pub(crate) fn checkpoint(self, subscription: &str) -> String {
        format!("{subscription}#{self}")
    }

    /// The lane that a checkpoint of the subscription is of, if it is of one.
    pub(crate) fn of_checkpoint(subscription: &str, checkpoint: &str) -> Option<Self> {
        let lane = checkpoint.strip_prefix(subscription)?.strip_prefix('#')?;
        let (number, of) = lane.split_once('/')?;
        let (number, of) = (number.parse::<u16>().ok()?, of.parse().ok()?);
        let index = number.checked_sub(1)?;
        (index < of).then_some(Self { index, of })
    }

    /// How many lanes there are.
    pub(crate) fn count(self) -> u16 {
        self.of
    }
}

/// Its number, beginning with 1, and how many there are: `3/8`.
impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index + 1, self.of)
    }
}

/// FNV-1a, 64 bits, with the upper half folded in: its lowest bits alone mix badly.
pub(crate) fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::TenantId;

    fn stream(name: &str) -> StreamId {
        StreamId::new("order", name).expect("a good name")
    }

    #[test]
    fn a_stream_is_in_one_lane_for_ever() {
        let lane_of = |name: &str| {
            let stream = stream(name);
            let having = Lane::all(8).filter(|lane| lane.has(&stream));
            having.map(|lane| lane.to_string()).collect::<Vec<_>>()
        };
        // What is stored rests on these.
        assert_eq!(lane_of("a"), ["4/8"]);
        assert_eq!(lane_of("b"), ["7/8"]);
        let other = stream("a").with_tenant(TenantId::new("other").expect("a good name"));
        let having = Lane::all(8).filter(|lane| lane.has(&other));
        assert_eq!(having.count(), 1);
    }

    #[test]
    fn streams_are_spread_over_the_lanes() {
        for lanes in [2, 3, 8, 64] {
            let mut streams = vec![0_u32; usize::from(lanes)];
            for n in 0..10_000 {
                let stream = stream(&n.to_string());
                let at = Lane::all(lanes).position(|lane| lane.has(&stream));
                streams[at.expect("it is in one")] += 1;
            }
            let fair = 10_000 / u32::from(lanes);
            assert!(
                streams.iter().all(|&n| n > fair / 2 && n < fair * 2),
                "{lanes}: {streams:?}"
            );
        }
    }

    #[test]
    fn names_of_checkpoints_are_read_back() {
        for lane in Lane::all(3) {
            let name = lane.checkpoint("shop.mail");
            assert_eq!(Lane::of_checkpoint("shop.mail", &name), Some(lane));
        }
        for other in [
            "shop.mail",
            "shop.mail#",
            "shop.mail#4/3",
            "shop.mail#0/3",
            "shop.mail2#1/3",
        ] {
            assert_eq!(Lane::of_checkpoint("shop.mail", other), None, "{other}");
        }
    }
}
