//! What writers and readers do while something crashes beneath them, all of it recorded.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use orchestrix::store::{
    Append, AppendError, Appended, EventData, EventStore, ExpectedVersion, GlobalPosition,
    NameError, Payload, ReadStream, StreamId, StreamVersion,
};
use orchestrix::testkit::history::Worker;
use tokio::sync::watch;

/// So many streams are written to by all writers, beside one stream of each writer's own.
const SHARED_STREAMS: u64 = 6;
/// How often an append without a known outcome is sent again, if it is.
const RESENDS: usize = 20;
/// Between attempts on a store that may be down.
const PAUSE: Duration = Duration::from_millis(10);

/// What is common to all who work on one store.
#[derive(Debug, Clone)]
pub struct CrashLoad {
    /// Two runs with the same seed send the same appends as long as their outcomes are the same.
    pub seed: u64,
    /// What came of it until now.
    pub counts: Arc<CrashCounts>,
    /// Set to `true`, it lets all of them end.
    pub stop: watch::Receiver<bool>,
}

/// What writers know about their appends.
#[derive(Debug, Default)]
pub struct CrashCounts {
    /// Acknowledged events; a watch, so that it can be waited for more.
    pub acknowledged: watch::Sender<usize>,
    /// Appends without a known outcome that turned out to be stored when they were sent again.
    pub found_stored: AtomicUsize,
    /// Appends without a known outcome that turned out not to be stored when they were sent again.
    pub found_absent: AtomicUsize,
}

impl CrashCounts {
    /// How many events have been acknowledged until now.
    pub fn acknowledged(&self) -> usize {
        *self.acknowledged.borrow()
    }

    /// Waits until so many more events are acknowledged.
    pub async fn acknowledges(&self, more: usize) {
        let mut counts = self.acknowledged.subscribe();
        let wanted = *counts.borrow() + more;
        // The sender is borrowed for as long.
        let _ = counts.wait_for(|count| *count >= wanted).await;
    }
}

impl CrashLoad {
    /// Appends until it is stopped: 3 to 7 events at a time to one or two streams, with expectations that hold and ones
    /// that do not. Most appends without a known outcome are sent again, the others are left alone.
    ///
    /// # Errors
    /// [`NameError`] only, when a name of a stream is not accepted.
    pub async fn write(
        self,
        store: Arc<dyn EventStore>,
        worker: Worker,
        number: u32,
    ) -> Result<(), NameError> {
        let mut writer = Writer {
            own: StreamId::new("own", &number.to_string())?,
            version: StreamVersion::NONE,
            draws: Draws::new(self.seed, number),
            store,
            worker,
            counts: self.counts,
        };
        writer.look().await;
        while !*self.stop.borrow() {
            let append = writer.next()?;
            writer.append(append).await;
            if writer.draws.below(8) == 0 {
                writer.look().await;
                let shared = shared(writer.draws.below(SHARED_STREAMS))?;
                let from = StreamVersion::new(1 + writer.draws.below(50));
                let read = ReadStream::forward(shared).from(from).limit(40);
                // A read that fails proves nothing, and is recorded as that.
                let _ = writer.worker.read_stream(&*writer.store, read).await;
            }
        }
        Ok(())
    }

    /// Reads the log from its beginning until it is stopped, in pages of this size.
    pub async fn follow(self, store: Arc<dyn EventStore>, worker: Worker, page: usize) {
        let mut after = GlobalPosition::START;
        let mut changes = store.changes();
        while !*self.stop.borrow() {
            match worker.read_all(&*store, after, page).await {
                Ok(page) => {
                    after = page.scanned_to;
                    if page.at_head {
                        changes.changed(PAUSE).await;
                    }
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}

type Outcome = Result<Appended, AppendError>;

struct Writer {
    own: StreamId,
    /// Where the own stream was when it was last seen.
    version: StreamVersion,
    draws: Draws,
    store: Arc<dyn EventStore>,
    worker: Worker,
    counts: Arc<CrashCounts>,
}

impl Writer {
    fn next(&mut self) -> Result<Append, NameError> {
        let count = 3 + self.draws.below(5) as usize;
        let own = (self.own.clone(), ExpectedVersion::Exact(self.version));
        let shared = shared(self.draws.below(SHARED_STREAMS))?;
        Ok(match self.draws.below(10) {
            // Met by chance only.
            0 => Append::new(shared, own.1, events(count)),
            1..4 => Append::new(shared, ExpectedVersion::Any, events(count)),
            4..7 => Append::new(own.0, own.1, events(count)),
            _ => Append::new(own.0, own.1, events(count - 1)).and(
                shared,
                ExpectedVersion::Any,
                events(1),
            ),
        })
    }

    async fn append(&mut self, append: Append) {
        let events = append.event_count();
        let mut outcome = self.worker.append(&*self.store, append.clone()).await;
        let is_unknown = matches!(outcome, Err(AppendError::Indeterminate { .. }));
        if is_unknown && self.draws.below(4) > 0 {
            outcome = self.resend(append, outcome).await;
        }
        match outcome {
            Ok(appended) => {
                self.counts
                    .acknowledged
                    .send_modify(|count| *count += events);
                let own = appended.streams.iter().find(|at| at.stream == self.own);
                self.version = own.map_or(self.version, |at| at.last_version);
            }
            Err(_) => {
                tokio::time::sleep(PAUSE).await;
                self.look().await;
            }
        }
    }

    /// Finds out what came of an append.
    async fn resend(&mut self, append: Append, mut outcome: Outcome) -> Outcome {
        for _ in 0..RESENDS {
            if !outcome.as_ref().is_err_and(AppendError::is_transient) {
                break;
            }
            tokio::time::sleep(PAUSE).await;
            outcome = self.worker.append(&*self.store, append.clone()).await;
        }
        let found = match &outcome {
            Ok(appended) if appended.repeated => Some(&self.counts.found_stored),
            Ok(_) | Err(AppendError::Conflict { .. }) => Some(&self.counts.found_absent),
            Err(_) => None,
        };
        if let Some(found) = found {
            found.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }

    /// Finds out where the own stream is, if the store answers.
    async fn look(&mut self) {
        let read = ReadStream::backward(self.own.clone()).limit(3);
        if let Ok(newest) = self.worker.read_stream(&*self.store, read).await {
            self.version = newest.first().map_or(self.version, |event| event.version);
        }
    }
}

fn shared(number: u64) -> Result<StreamId, NameError> {
    StreamId::new("shared", &number.to_string())
}

fn events(count: usize) -> Vec<EventData> {
    let payload = || Payload::from_stored_text("{\"about\":\"what a small event may say\"}".into());
    (0..count)
        .map(|_| EventData::new("Happened", 1, payload()))
        .collect()
}

/// Numbers that look random and follow from a seed.
pub(crate) struct Draws {
    seed: (u64, u32),
    drawn: u64,
}

impl Draws {
    pub(crate) fn new(seed: u64, number: u32) -> Self {
        Self {
            seed: (seed, number),
            drawn: 0,
        }
    }

    /// A number below `bound`, which is not zero.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.drawn += 1;
        let mut hasher = DefaultHasher::new();
        (self.seed, self.drawn).hash(&mut hasher);
        hasher.finish() % bound
    }
}
