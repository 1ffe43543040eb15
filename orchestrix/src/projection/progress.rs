//! What of a page an inline projection has folded already, with the appends that stored it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Projection;
use crate::store::{
    ProgressMove, ReadModelError, ReadModelStore, RecordedEvent, StreamId, StreamVersion,
};

/// How far the streams of a page are folded; nothing for projections that only subscriptions fold.
#[derive(Debug, Default)]
pub(super) struct Progress(BTreeMap<StreamId, StreamVersion>);

impl Progress {
    /// Read before the documents: what others fold after it is found out by the commit.
    pub(super) async fn load<P: Projection>(
        store: &dyn ReadModelStore,
        collection: &str,
        events: &[RecordedEvent],
    ) -> Result<Self, ReadModelError> {
        if P::INLINE.is_none() || events.is_empty() {
            return Ok(Self::default());
        }
        let mut streams: Vec<_> = events.iter().map(|event| event.stream.clone()).collect();
        streams.sort_unstable();
        streams.dedup();
        let versions = store.stream_progress(collection, &streams).await?;
        Ok(Self(streams.into_iter().zip(versions).collect()))
    }

    /// The events that are not folded yet.
    pub(super) fn left<'a>(&self, events: &'a [RecordedEvent]) -> Cow<'a, [RecordedEvent]> {
        let is_left = |event: &RecordedEvent| {
            let folded = self.0.get(&event.stream);
            folded.is_none_or(|folded| event.version > *folded)
        };
        if events.iter().all(is_left) {
            return Cow::Borrowed(events);
        }
        let left = events.iter().filter(|event| is_left(event)).cloned();
        Cow::Owned(left.collect())
    }

    /// How it moves with these events, in the order of the streams.
    pub(super) fn moves(&self, folded: &[RecordedEvent]) -> Vec<ProgressMove> {
        let mut moves: BTreeMap<&StreamId, ProgressMove> = BTreeMap::new();
        for event in folded {
            let Some(&from) = self.0.get(&event.stream) else {
                continue;
            };
            let moved = moves.entry(&event.stream).or_insert_with(|| ProgressMove {
                stream: event.stream.clone(),
                from,
                to: from,
            });
            moved.to = moved.to.max(event.version);
        }
        moves.into_values().collect()
    }
}
