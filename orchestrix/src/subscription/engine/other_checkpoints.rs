//! How far a subscription came with other numbers of lanes than it has now.
//!
//! A checkpoint says that of the streams of its lane everything up to there is consumed, and it stays true whatever becomes
//! of the lanes. So what one division has consumed the next leaves out, event by event, also where the lanes of the first
//! were not equally far, or some of them never came to have a checkpoint.

use std::collections::HashMap;

use crate::store::{GlobalPosition, Lane, StreamId};

/// Checkpoints of lanes, and that of the whole, which has none.
#[derive(Debug, Clone, Default)]
pub(crate) struct OtherCheckpoints(pub(crate) Vec<(Option<Lane>, GlobalPosition)>);

impl OtherCheckpoints {
    /// Whether one of them says that this event is consumed.
    pub(super) fn has_consumed(&self, position: GlobalPosition, stream: &StreamId) -> bool {
        let mut all = self.0.iter();
        all.any(|(lane, at)| *at >= position && lane.is_none_or(|lane| lane.has(stream)))
    }

    /// Nothing up to here is asked for any more.
    pub(super) fn forget_up_to(&mut self, position: GlobalPosition) {
        self.0.retain(|(_, at)| *at > position);
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How far everything is consumed, by all lanes of one division together: by the one that is furthest so.
    pub(super) fn complete(&self) -> GlobalPosition {
        let mut furthest = GlobalPosition::START;
        let mut divisions: HashMap<u16, Vec<GlobalPosition>> = HashMap::new();
        for (lane, position) in &self.0 {
            match lane {
                None => furthest = furthest.max(*position),
                Some(lane) => divisions.entry(lane.count()).or_default().push(*position),
            }
        }
        for (lanes, positions) in divisions {
            let is_whole = positions.len() == usize::from(lanes);
            let least = positions.into_iter().min().filter(|_| is_whole);
            furthest = furthest.max(least.unwrap_or_default());
        }
        furthest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoints(
        whole: Option<u64>,
        lanes: impl IntoIterator<Item = (u16, Vec<u64>)>,
    ) -> OtherCheckpoints {
        let mut all = Vec::new();
        all.extend(whole.map(|at| (None, GlobalPosition::new(at))));
        for (of, positions) in lanes {
            let lanes = Lane::all(of).zip(positions);
            all.extend(lanes.map(|(lane, at)| (Some(lane), GlobalPosition::new(at))));
        }
        OtherCheckpoints(all)
    }

    #[test]
    fn a_division_is_as_far_as_its_last_lane() {
        let complete =
            |whole, lanes: Vec<(u16, Vec<u64>)>| checkpoints(whole, lanes).complete().get();
        assert_eq!(complete(None, vec![]), 0);
        assert_eq!(complete(Some(5), vec![]), 5);
        assert_eq!(complete(Some(5), vec![(2, vec![9, 7])]), 7);
        assert_eq!(complete(Some(8), vec![(2, vec![9, 7])]), 8);
        assert_eq!(
            complete(Some(5), vec![(2, vec![9, 7]), (3, vec![12, 8, 20])]),
            8
        );
        // One of the lanes may have consumed nothing.
        assert_eq!(complete(Some(5), vec![(3, vec![12, 8])]), 5);
        assert_eq!(complete(None, vec![(3, vec![12, 8])]), 0);
    }

    #[test]
    fn an_event_is_consumed_if_its_lane_or_the_whole_came_so_far() {
        let stream = StreamId::new("order", "a").expect("a good name");
        let others = |whole, mine: u64, other: u64| {
            let positions = Lane::all(2).map(|lane| if lane.has(&stream) { mine } else { other });
            checkpoints(whole, [(2, positions.collect())])
        };
        let consumed = |others: &OtherCheckpoints| {
            let at = |position: &u64| others.has_consumed(GlobalPosition::new(*position), &stream);
            (1..=20).filter(at).max().unwrap_or_default()
        };
        assert_eq!(consumed(&others(None, 7, 0)), 7);
        assert_eq!(consumed(&others(None, 0, 7)), 0);
        assert_eq!(consumed(&others(Some(5), 7, 9)), 7);
        assert_eq!(consumed(&others(Some(8), 7, 9)), 8);
        let mut all = others(Some(8), 7, 9);
        all.forget_up_to(GlobalPosition::new(8));
        assert!(!all.is_empty());
        all.forget_up_to(GlobalPosition::new(9));
        assert!(all.is_empty());
    }
}
