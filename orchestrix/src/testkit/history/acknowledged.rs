//! What had been acknowledged at which time.

use std::collections::HashMap;

use crate::store::{StreamId, StreamVersion};

/// What was acknowledged of each stream, and when: the time of the answer with the highest version until then.
#[derive(Default)]
pub(super) struct Acknowledged<'a>(HashMap<&'a StreamId, Vec<(u64, StreamVersion)>>);

impl<'a> Acknowledged<'a> {
    pub(super) fn add(&mut self, stream: &'a StreamId, at: u64, version: StreamVersion) {
        self.0.entry(stream).or_default().push((at, version));
    }

    /// To be called once, when all is added.
    pub(super) fn sort(&mut self) {
        for times in self.0.values_mut() {
            times.sort_unstable();
            let mut highest = StreamVersion::NONE;
            for (_, version) in times {
                highest = highest.max(*version);
                *version = highest;
            }
        }
    }

    /// The highest version of a stream that had been acknowledged before this time.
    pub(super) fn before(&self, stream: &StreamId, time: u64) -> StreamVersion {
        let times = self.0.get(stream).map_or(&[][..], Vec::as_slice);
        let earlier = times.partition_point(|(at, _)| *at < time);
        match earlier.checked_sub(1) {
            Some(last) => times[last].1,
            None => StreamVersion::NONE,
        }
    }
}
