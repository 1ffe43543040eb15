//! Commands for one stream wait for each other in this process, so that a hot stream does not burn in conflicts.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

use crate::store::StreamId;

/// Commands that may wait for one stream.
pub(crate) const LONGEST_QUEUE: usize = 10_000;
const SHARDS: usize = 16;

/// One queue for each stream that has a command under way; none for the others.
#[derive(Debug)]
pub(crate) struct StreamQueues {
    shards: [Mutex<HashMap<StreamId, Arc<Turn<()>>>>; SHARDS],
    hasher: RandomState,
}

/// The turn of one command; the next one's begins when it is dropped.
#[derive(Debug)]
pub(crate) struct StreamTurn<'a> {
    queues: &'a StreamQueues,
    stream: StreamId,
    turn: Option<OwnedMutexGuard<()>>,
}

impl StreamQueues {
    pub(crate) fn new() -> Self {
        Self {
            shards: Default::default(),
            hasher: RandomState::new(),
        }
    }

    /// Waits for the turn; `Err` with the number of those who wait when the queue is full.
    pub(crate) async fn enter(&self, stream: &StreamId) -> Result<StreamTurn<'_>, usize> {
        let turn = {
            let mut shard = self.shard(stream);
            match shard.get(stream) {
                Some(turn) => {
                    // Each command holds one reference, and the map holds one.
                    let waiting = Arc::strong_count(turn) - 1;
                    if waiting > LONGEST_QUEUE {
                        return Err(waiting);
                    }
                    turn.clone()
                }
                None => shard.entry(stream.clone()).or_default().clone(),
            }
        };
        let mut entered = StreamTurn {
            queues: self,
            stream: stream.clone(),
            turn: None,
        };
        entered.turn = Some(turn.lock_owned().await);
        Ok(entered)
    }

    fn shard(&self, stream: &StreamId) -> MutexGuard<'_, HashMap<StreamId, Arc<Turn<()>>>> {
        let shard = self.hasher.hash_one(stream) as usize % SHARDS;
        // Nothing under this lock panics half-way.
        self.shards[shard]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for StreamTurn<'_> {
    fn drop(&mut self) {
        let mut shard = self.queues.shard(&self.stream);
        self.turn = None;
        // The map's own reference is the last one: nobody waits, and nobody can come while the shard is locked.
        if shard
            .get(&self.stream)
            .is_some_and(|turn| Arc::strong_count(turn) == 1)
        {
            shard.remove(&self.stream);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn commands_for_one_stream_take_turns_and_leave_nothing_behind() {
        let queues = StreamQueues::new();
        let (hot, cold) = (StreamId::new("a", "1").ok(), StreamId::new("a", "2").ok());
        let (Some(hot), Some(cold)) = (hot, cold) else {
            panic!("valid names")
        };
        let first = queues.enter(&hot).await;
        let mut second = Box::pin(queues.enter(&hot));
        assert!(second.as_mut().now_or_never().is_none());
        assert!(queues.enter(&cold).now_or_never().is_some());
        drop(first);
        drop(second.await);
        assert!(
            queues
                .shards
                .iter()
                .all(|shard| shard.lock().is_ok_and(|s| s.is_empty()))
        );
    }

    #[tokio::test]
    async fn one_who_gives_up_waiting_leaves_nothing_behind() {
        let queues = StreamQueues::new();
        let Ok(stream) = StreamId::new("a", "1") else {
            panic!("a valid name")
        };
        let first = queues.enter(&stream).await;
        let mut second = Box::pin(queues.enter(&stream));
        assert!(second.as_mut().now_or_never().is_none());
        drop(second);
        drop(first);
        assert!(
            queues
                .shards
                .iter()
                .all(|shard| shard.lock().is_ok_and(|s| s.is_empty()))
        );
    }
}
