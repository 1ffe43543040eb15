//! Group commit above every store: what waits while a round trip is under way shares the next one.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, oneshot};
use tracing::{Instrument, info_span};

use super::{Append, AppendError, Appended, EventStore};
use crate::telemetry;

/// Appends that may wait for their turn. A writer beyond that waits for a place.
const QUEUE: usize = 4_096;
/// Appends that share one round trip at the most.
const BATCH: usize = 256;
/// Round trips under way at once: while the server works on one, the next is on its way.
const IN_FLIGHT: usize = 2;

/// The way of every append of an app to its store.
///
/// A lone append goes straight through. There is no timer: a batch is what gathered while others were under way.
#[derive(Clone)]
pub(crate) struct Appender {
    store: Arc<dyn EventStore>,
    in_flight: Arc<Semaphore>,
    queue: mpsc::Sender<Waiting>,
}

struct Waiting {
    append: Append,
    reply: oneshot::Sender<Result<Appended, AppendError>>,
}

impl Appender {
    /// Must be called within a tokio runtime. Its task ends with the last clone.
    pub(crate) fn new(store: Arc<dyn EventStore>) -> Self {
        let in_flight = Arc::new(Semaphore::new(IN_FLIGHT));
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(gather(store.clone(), in_flight.clone(), waiting));
        Self {
            store,
            in_flight,
            queue,
        }
    }

    pub(crate) async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        if let Ok(_turn) = self.in_flight.try_acquire() {
            let mut outcomes = send(&*self.store, vec![append]).await;
            return outcomes.pop().unwrap_or_else(|| Err(unanswered()));
        }
        let (reply, outcome) = oneshot::channel();
        if self.queue.send(Waiting { append, reply }).await.is_err() {
            return Err(AppendError::Unavailable {
                source: "the app has shut down".into(),
            });
        }
        outcome.await.unwrap_or_else(|_| Err(unanswered()))
    }
}

async fn gather(
    store: Arc<dyn EventStore>,
    in_flight: Arc<Semaphore>,
    mut waiting: mpsc::Receiver<Waiting>,
) {
    while let Some(first) = waiting.recv().await {
        // The semaphore is never closed.
        let Ok(turn) = in_flight.clone().acquire_owned().await else {
            return;
        };
        let (mut appends, mut replies) = (vec![first.append], vec![first.reply]);
        while appends.len() < BATCH
            && let Ok(next) = waiting.try_recv()
        {
            appends.push(next.append);
            replies.push(next.reply);
        }
        let store = store.clone();
        tokio::spawn(async move {
            let outcomes = send(&*store, appends).await;
            drop(turn);
            let mut outcomes = outcomes.into_iter();
            for reply in replies {
                // A caller who has gone does not want the answer.
                let _ = reply.send(outcomes.next().unwrap_or_else(|| Err(unanswered())));
            }
        });
    }
}

async fn send(store: &dyn EventStore, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
    let span = info_span!(
        telemetry::APPEND,
        { telemetry::APPEND_COUNT } = appends.len(),
        { telemetry::EVENT_COUNT } = appends.iter().map(Append::event_count).sum::<usize>(),
    );
    store.append(appends).instrument(span).await
}

fn unanswered() -> AppendError {
    AppendError::Indeterminate {
        source: "the store gave no outcome for the append".into(),
    }
}
