//! Group commit above every store: what waits while a round trip is under way shares the next one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Notify, mpsc, oneshot};
use tracing::{Instrument, info_span};

use super::{Append, AppendError, Appended, EventStore};
use crate::backoff::Backoff;
use crate::telemetry;

/// Appends that may wait for their turn. A writer beyond that waits for a place.
const QUEUE: usize = 4_096;
/// Appends that share one round trip at the most.
const BATCH: usize = 256;
/// Round trips under way at once: while the server works on one, the next is on its way.
const LANES: usize = 2;
/// How many times an append with an unknown outcome is sent again.
const RESENDS: u32 = 3;
/// How many times what goes with an append is worked out before it is given up: others come between once or twice, where
/// its subscription catches up or it is built anew.
const ATTEMPTS: u32 = 10;

/// The way of every append of an app to its store.
///
/// A lone append goes straight through. What comes while others are under way is gathered, and goes together: when
/// nothing is under way any more, or beside what is under way once as many wait. So two round trips overlap and are of
/// one size, and there is no timer.
#[derive(Clone)]
pub(crate) struct Appender {
    store: Arc<dyn EventStore>,
    lanes: Arc<Lanes>,
    queue: mpsc::Sender<Waiting>,
    beside: Option<Arc<dyn BesideAppends>>,
}

/// Adds to appends what is to be written in their transactions.
#[async_trait]
pub(crate) trait BesideAppends: Send + Sync {
    /// Whether it may have something to add.
    fn concerns(&self, append: &Append) -> bool;

    /// Adds it, as of now.
    async fn attach(&self, append: Append) -> Result<Append, AppendError>;
}

struct Waiting {
    append: Append,
    reply: oneshot::Sender<Result<Appended, AppendError>>,
}

impl Appender {
    /// Must be called within a tokio runtime. Its task ends with the last clone.
    pub(crate) fn new(store: Arc<dyn EventStore>) -> Self {
        let lanes = Arc::new(Lanes::default());
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(gather(store.clone(), lanes.clone(), waiting));
        Self {
            store,
            lanes,
            queue,
            beside: None,
        }
    }

    /// With what is to be written in the transactions of appends.
    pub(crate) fn with_beside(mut self, beside: Option<Arc<dyn BesideAppends>>) -> Self {
        self.beside = beside;
        self
    }

    /// With what belongs to it, as of now.
    async fn append_with_beside(&self, append: Append) -> Result<Appended, AppendError> {
        let append = match &self.beside {
            Some(beside) if beside.concerns(&append) => beside.attach(append).await?,
            _ => append,
        };
        self.append(append).await
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        if let Some(_lane) = self.lanes.enter_if_free() {
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

    /// Appends; where the outcome is unknown, the same events are sent again, with the same ids, which stores nothing
    /// twice and finds out. What goes with them is worked out each time, and once more where it has become old meanwhile.
    pub(crate) async fn append_surely(
        &self,
        append: impl Fn() -> Append,
    ) -> Result<Appended, AppendError> {
        let mut backoff = Backoff::new(Duration::from_millis(10), Duration::from_secs(1));
        let mut unknown = None;
        let mut moved = Backoff::after_conflicts();
        loop {
            let outcome = self.append_with_beside(append()).await;
            if let Err(AppendError::ReadModelMoved { .. }) = &outcome
                && moved.failures() + 1 < ATTEMPTS
            {
                tokio::time::sleep(moved.next()).await;
                continue;
            }
            let source = match (outcome, unknown) {
                (Err(AppendError::Indeterminate { source }), _) => source,
                // This one stored nothing, which says nothing of the one before it.
                (
                    Err(
                        AppendError::Unavailable { .. }
                        | AppendError::Failed { .. }
                        | AppendError::ReadModelMoved { .. },
                    ),
                    Some(earlier),
                ) => earlier,
                (outcome, _) => return outcome,
            };
            if backoff.failures() == RESENDS {
                return Err(AppendError::Indeterminate { source });
            }
            unknown = Some(source);
            tokio::time::sleep(backoff.next()).await;
        }
    }
}

async fn gather(
    store: Arc<dyn EventStore>,
    lanes: Arc<Lanes>,
    mut waiting: mpsc::Receiver<Waiting>,
) {
    while let Some(first) = waiting.recv().await {
        let mut batch = vec![first];
        let lane = loop {
            // Those whose round trip has just ended come back first.
            tokio::task::yield_now().await;
            while batch.len() < BATCH
                && let Ok(next) = waiting.try_recv()
            {
                batch.push(next);
            }
            if let Some(lane) = lanes.enter_with(batch.len()) {
                break lane;
            }
            tokio::select! {
                () = lanes.left.notified() => {}
                // A batch that is full waits for a lane only.
                Some(next) = waiting.recv(), if batch.len() < BATCH => batch.push(next),
            }
        };
        let store = store.clone();
        tokio::spawn(async move {
            let (appends, replies): (Vec<_>, Vec<_>) = batch
                .into_iter()
                .map(|waiting| (waiting.append, waiting.reply))
                .unzip();
            let mut outcomes = send(&*store, appends).await.into_iter();
            drop(lane);
            for reply in replies {
                // A caller who has gone does not want the answer.
                let _ = reply.send(outcomes.next().unwrap_or_else(|| Err(unanswered())));
            }
        });
    }
}

/// What is under way.
#[derive(Default)]
struct Lanes {
    /// Round trips, and appends in them.
    under_way: Mutex<(usize, usize)>,
    left: Notify,
}

impl Lanes {
    /// For one append, where nothing is under way.
    fn enter_if_free(self: &Arc<Self>) -> Option<Lane> {
        self.enter(1, |(round_trips, _)| round_trips == 0)
    }

    /// For a batch: beside a round trip that is no larger, or alone.
    fn enter_with(self: &Arc<Self>, appends: usize) -> Option<Lane> {
        self.enter(appends, |(round_trips, others)| {
            round_trips == 0 || (round_trips < LANES && (appends >= others || appends >= BATCH))
        })
    }

    fn enter(
        self: &Arc<Self>,
        appends: usize,
        may: impl Fn((usize, usize)) -> bool,
    ) -> Option<Lane> {
        let mut under_way = self.lock();
        if !may(*under_way) {
            return None;
        }
        under_way.0 += 1;
        under_way.1 += appends;
        Some(Lane {
            lanes: self.clone(),
            appends,
        })
    }

    fn lock(&self) -> MutexGuard<'_, (usize, usize)> {
        // Nothing under this lock panics.
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A round trip's place; given back when it is dropped, also by a caller who gives up.
struct Lane {
    lanes: Arc<Lanes>,
    appends: usize,
}

impl Drop for Lane {
    fn drop(&mut self) {
        let mut under_way = self.lanes.lock();
        under_way.0 -= 1;
        under_way.1 -= self.appends;
        drop(under_way);
        self.lanes.left.notify_one();
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

#[cfg(test)]
mod tests;

fn unanswered() -> AppendError {
    AppendError::Indeterminate {
        source: "the store gave no outcome for the append".into(),
    }
}
