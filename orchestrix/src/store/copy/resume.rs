//! Where a copy goes on.

use std::collections::VecDeque;

use futures_util::StreamExt as _;

use super::call::MAX_CALL_EVENTS;
use super::{CopyError, CopyLog, Difference, EventPlace};
use crate::store::{
    EventStore, EventStoreExt as _, GlobalPosition, ReadAll, ReadError, RecordedEvent,
};

/// So many of the target's last events are compared with the source before anything is added to them: more than one call
/// has, so that whatever became of the last one is seen.
const TAIL: usize = 2 * MAX_CALL_EVENTS;

impl CopyLog {
    /// The position in the source of the target's last event, once the target's end was found to be the same as what
    /// stands there in the source.
    pub(super) async fn resume_point(&self) -> Result<GlobalPosition, CopyError> {
        let tail = Tail::of(&*self.to).await;
        let tail = tail.map_err(|source| CopyError::Target { source })?;
        let before = match tail.events.front() {
            None => return Ok(GlobalPosition::START),
            Some(_) if tail.is_all => GlobalPosition::START,
            Some(first) => {
                let position = self.find(first).await?.position;
                GlobalPosition::new(position.get().saturating_sub(1))
            }
        };
        let mut resumed_after = before;
        let mut from = self.from.stream_all(ReadAll::after(before));
        for target in &tail.events {
            let source = from.next().await.transpose();
            let source = source.map_err(|source| CopyError::Source { source })?;
            let difference = match &source {
                Some(source) => Difference::between(source, target),
                None => Some(Difference::Extra {
                    target: EventPlace::of(target),
                }),
            };
            if let Some(difference) = difference {
                // An event that is nowhere in the source is told as that.
                self.find(target).await?;
                return Err(CopyError::Different {
                    difference: Box::new(difference),
                });
            }
            resumed_after = source.map_or(resumed_after, |event| event.position);
        }
        Ok(resumed_after)
    }

    /// The source's event with the id of one of the target's.
    async fn find(&self, target: &RecordedEvent) -> Result<RecordedEvent, CopyError> {
        let found = self
            .from
            .find_event(target.stream.tenant(), target.event_id());
        let found = found.await.map_err(|source| CopyError::Source { source })?;
        found.ok_or_else(|| CopyError::ForeignEvent {
            event: Box::new(EventPlace::of(target)),
        })
    }
}

/// The last events of a store.
struct Tail {
    events: VecDeque<RecordedEvent>,
    /// Whether there are no others before them.
    is_all: bool,
}

impl Tail {
    /// Looks further and further back from the head, as positions may have gaps.
    async fn of(store: &dyn EventStore) -> Result<Self, ReadError> {
        let head = store.head().await?.get();
        let mut back = TAIL as u64;
        loop {
            let after = GlobalPosition::new(head.saturating_sub(back));
            let mut events = VecDeque::with_capacity(TAIL);
            let mut is_all = after == GlobalPosition::START;
            let mut log = store.stream_all(ReadAll::after(after));
            while let Some(event) = log.next().await {
                if events.len() == TAIL {
                    events.pop_front();
                    is_all = false;
                }
                events.push_back(event?);
            }
            if is_all || events.len() == TAIL {
                return Ok(Self { events, is_all });
            }
            back = back.saturating_mul(4);
        }
    }
}
