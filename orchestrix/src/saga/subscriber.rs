//! The subscription of a saga: what it takes in runs beside each other, and the checkpoint is the low-water mark of what has
//! been finished.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::{JoinError, JoinSet};

use super::trouble::Trouble;
use crate::error::BoxError;
use crate::store::{Filter, GlobalPosition, RecordedEvent, StreamId};
use crate::subscription::{Batch, ConsumeError, Consumed, LanedCheckpoint, Subscriber, panic};

/// Of what is taken in, so much may wait behind what is unfinished; then nothing more is taken in.
const MOST_TAKEN: usize = 4_096;

/// What an event leads to, for one saga.
#[async_trait]
pub(super) trait Serve: Clone + Send + Sync + 'static {
    /// The events it wants.
    fn filter(&self) -> Filter;

    /// Does all that follows from an event. Coming again it does nothing twice.
    async fn serve(&self, event: &RecordedEvent) -> Result<(), Trouble>;

    /// The stream whose events are served one after the other, in the order of the log, and this one among them; none where
    /// it is served beside all others.
    fn queue(&self, _: &RecordedEvent) -> Option<StreamId> {
        None
    }

    /// Whether the event could be served, as far as that can be told without an effect.
    fn rehearse(&self, event: &RecordedEvent) -> Result<(), BoxError>;
}

/// Serves events beside each other.
pub(super) struct SagaSubscriber<V> {
    serve: V,
    checkpoint: LanedCheckpoint,
    stop: watch::Receiver<bool>,
    /// Set when no other event is to begin: those that wait for their turns end.
    resting: watch::Sender<bool>,
    /// How many are served at once.
    at_once: usize,
    /// What was taken in and is not behind the low-water mark.
    taken: BTreeMap<GlobalPosition, Taken>,
    /// Up to where everything has been taken in.
    taken_to: GlobalPosition,
    tasks: JoinSet<Ended>,
    /// What was taken in last for each queue: closed when it is done.
    queues: HashMap<StreamId, oneshot::Receiver<Place>>,
    /// The failure that was told last: what then passes it settles it.
    told: Option<GlobalPosition>,
    /// Whether something has been finished since the checkpoint moved.
    has_progressed: bool,
    progress: Arc<Notify>,
}

/// What has become of an event. One that has failed holds its place, so that those behind it in its queue wait until it is
/// done, or is gone past.
enum Taken {
    Running,
    Done,
    Failed(Box<RecordedEvent>, BoxError, Option<Turn>),
}

/// There is none: a place is left, and nothing is sent.
enum Place {}

/// A place in a queue: the next one's turn begins when it is dropped.
type Turn = oneshot::Sender<Place>;

/// A task that has ended.
type Ended = (Box<RecordedEvent>, Result<(), Trouble>, Option<Turn>);

impl<V: Serve> SagaSubscriber<V> {
    pub(super) fn new(
        serve: V,
        checkpoint: LanedCheckpoint,
        at_once: usize,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self {
            serve,
            checkpoint,
            stop,
            resting: watch::Sender::new(false),
            at_once,
            taken: BTreeMap::new(),
            taken_to: GlobalPosition::START,
            tasks: JoinSet::new(),
            queues: HashMap::new(),
            told: None,
            has_progressed: false,
            progress: Arc::new(Notify::new()),
        }
    }

    fn take(&mut self, event: &RecordedEvent) {
        let (before, turn) = match self.taken.insert(event.position, Taken::Running) {
            // It has held its place.
            Some(Taken::Failed(.., turn)) => (None, turn),
            _ => self.enter(event),
        };
        let (serve, event) = (self.serve.clone(), Box::new(event.clone()));
        let progress = self.progress.clone();
        let mut resting = self.resting.subscribe();
        self.tasks.spawn(async move {
            let has_turn = match before {
                None => true,
                Some(before) => tokio::select! {
                    // An error: the one before is dropped.
                    _ = before => true,
                    _ = resting.wait_for(|resting| *resting) => false,
                },
            };
            let served = match has_turn {
                true => panic::catch_in(serve.serve(&event)).await,
                false => Ok(Err(Trouble::Stopped)),
            };
            let served = served.unwrap_or_else(|panic| Err(Trouble::Last(panic)));
            progress.notify_one();
            (event, served, turn)
        });
    }

    /// Takes a place in the queue of an event, if it has one: behind the one before.
    fn enter(&mut self, event: &RecordedEvent) -> (Option<oneshot::Receiver<Place>>, Option<Turn>) {
        let Some(queue) = self.serve.queue(event) else {
            return (None, None);
        };
        if self.queues.len() >= self.at_once.saturating_mul(2).max(64) {
            // Those that are empty: no more are left than tasks run, and events have failed.
            let is_open = |before: &mut oneshot::Receiver<Place>| {
                matches!(before.try_recv(), Err(oneshot::error::TryRecvError::Empty))
            };
            self.queues.retain(|_, before| is_open(before));
        }
        let (turn, last) = oneshot::channel();
        (self.queues.insert(queue, last), Some(turn))
    }

    /// Waits for one to end, if any runs.
    async fn reap_one(&mut self) {
        if let Some(ended) = self.tasks.join_next().await {
            self.note(ended);
        }
        self.reap();
    }

    /// Notes what has ended by now.
    fn reap(&mut self) {
        while let Some(ended) = self.tasks.try_join_next() {
            self.note(ended);
        }
        while let Some(first) = self.taken.first_entry()
            && matches!(first.get(), Taken::Done)
        {
            first.remove();
        }
    }

    fn note(&mut self, ended: Result<Ended, JoinError>) {
        // Its panics are caught: one that was aborted is all that is left, and that is taken in again later.
        let Ok((event, served, turn)) = ended else {
            return;
        };
        self.has_progressed = true;
        let position = event.position;
        let became = match served {
            Ok(()) => Taken::Done,
            Err(Trouble::Stopped) => Taken::Running,
            Err(Trouble::Transient(error) | Trouble::Last(error)) => {
                Taken::Failed(event, error, turn)
            }
        };
        self.taken.insert(position, became);
    }

    /// Up to where everything is finished.
    fn low_water(&self) -> GlobalPosition {
        match self.taken.first_key_value() {
            Some((first, _)) => GlobalPosition::new(first.get().saturating_sub(1)),
            None => self.taken_to,
        }
    }

    /// Takes in what is new of these events, as long as there is room; says up to where.
    async fn take_in(&mut self, batch: &Batch<'_>) -> GlobalPosition {
        self.reap();
        for event in batch.events {
            let is_known = match self.taken.get(&event.position) {
                Some(Taken::Running | Taken::Done) => true,
                Some(Taken::Failed(..)) => false,
                // Behind the low-water mark, since it was read before that moved.
                None => event.position <= self.low_water(),
            };
            if is_known {
                continue;
            }
            let is_full = |this: &Self| {
                this.tasks.len() >= this.at_once
                    || (this.taken.len() >= MOST_TAKEN && !this.tasks.is_empty())
            };
            // The first that is not finished runs, or has failed: only behind a failure all may wait for their turns.
            while is_full(self) && batch.may_go_on() && !self.begins_with_a_failure() {
                self.reap_one().await;
            }
            // Where all that was taken in waits behind a failure, that is told before anything else is taken in.
            let is_stuck = self.taken.len() >= MOST_TAKEN || is_full(self);
            if *self.stop.borrow() || !batch.may_go_on() || is_stuck {
                return GlobalPosition::new(event.position.get() - 1);
            }
            self.take(event);
        }
        batch.to
    }

    /// Dead letters that are tried again: one after the other, and nothing beside.
    async fn try_again(&self, batch: &Batch<'_>) -> Result<Consumed, ConsumeError> {
        let failed = |event, error| {
            Ok(Consumed {
                failure: Some(ConsumeError::event(event, error)),
                ..Consumed::up_to(batch.from)
            })
        };
        for event in batch.events {
            match panic::catch_in(self.serve.serve(event)).await {
                Ok(Ok(())) => {}
                // It is still there, for whoever goes on.
                Ok(Err(Trouble::Stopped)) => return Ok(Consumed::up_to(batch.from)),
                Ok(Err(Trouble::Transient(error) | Trouble::Last(error))) | Err(error) => {
                    return failed(event, error);
                }
            }
        }
        self.checkpoint.moved(*batch).await?;
        Ok(Consumed::up_to(batch.to))
    }
}

#[async_trait]
impl<V: Serve> Subscriber for SagaSubscriber<V> {
    fn name(&self) -> &str {
        self.checkpoint.subscription()
    }

    fn filter(&self) -> Filter {
        self.serve.filter()
    }

    async fn load_checkpoint(&mut self) -> Result<GlobalPosition, ConsumeError> {
        self.released().await;
        let checkpoint = self.checkpoint.load().await?;
        self.taken_to = checkpoint;
        Ok(checkpoint)
    }

    async fn other_checkpoints(
        &self,
    ) -> Result<Vec<(Option<crate::store::Lane>, GlobalPosition)>, ConsumeError> {
        self.checkpoint.others().await
    }

    async fn consume(&mut self, batch: Batch<'_>) -> Result<Consumed, ConsumeError> {
        if !batch.settled.is_empty() {
            return self.try_again(&batch).await;
        }
        if batch.events.is_empty() && self.told == Some(batch.to) {
            // It was the first that is not finished, and is gone past, or kept as a dead letter.
            self.taken.remove(&batch.to);
            self.told = None;
        }
        let taken = self.take_in(&batch).await;
        self.taken_to = self.taken_to.max(taken);
        // What waits behind dead letters is kept with the checkpoint that passes it.
        let waits = !batch.parked.is_empty();
        self.reap();
        while waits && !self.tasks.is_empty() && !self.begins_with_a_failure() {
            self.reap_one().await;
        }
        let low = self.low_water().clamp(batch.from, batch.to);
        let parked = batch
            .parked
            .partition_point(|letter| letter.position <= low);
        let moved = Batch {
            to: low,
            parked: &batch.parked[..parked],
            ..batch
        };
        self.checkpoint.moved(moved).await?;
        self.has_progressed = false;
        let failure = self.first_failure();
        self.told = failure.as_ref().and_then(ConsumeError::position);
        Ok(Consumed {
            to: low,
            // After a failure it is read again from there; what runs already is known.
            taken: match (&failure, waits) {
                (None, false) => taken.max(low),
                _ => low,
            },
            failure,
        })
    }

    async fn is_replaced(&self) -> Result<bool, ConsumeError> {
        self.checkpoint.is_reset().await
    }

    fn resets(&self) -> u64 {
        self.checkpoint.resets()
    }

    async fn rehearse(&self, events: &[RecordedEvent]) -> Result<(), ConsumeError> {
        for event in events {
            let rehearsed = self.serve.rehearse(event);
            rehearsed.map_err(|error| ConsumeError::event(event, error))?;
        }
        Ok(())
    }

    fn unfinished(&mut self) -> Option<GlobalPosition> {
        self.reap();
        (!self.taken.is_empty()).then(|| self.low_water())
    }

    fn has_progressed(&mut self) -> bool {
        self.reap();
        self.has_progressed
    }

    async fn progressed(&self) {
        self.progress.notified().await;
    }

    async fn rest(&mut self) {
        self.resting.send_replace(true);
        while !self.tasks.is_empty() {
            self.reap_one().await;
        }
    }

    async fn released(&mut self) {
        self.tasks.shutdown().await;
        self.taken.clear();
        self.queues.clear();
        self.told = None;
        self.has_progressed = false;
    }
}

impl<V> SagaSubscriber<V> {
    fn begins_with_a_failure(&self) -> bool {
        let first = self.taken.first_key_value();
        first.is_some_and(|(_, first)| matches!(first, Taken::Failed(..)))
    }

    /// The failure of the first event that is not finished, if that has failed.
    fn first_failure(&mut self) -> Option<ConsumeError> {
        let (_, Taken::Failed(event, error, _)) = self.taken.iter_mut().next()? else {
            return None;
        };
        let error = std::mem::replace(error, "it was told already".into());
        Some(ConsumeError::event(event, error))
    }
}
