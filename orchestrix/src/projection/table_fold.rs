//! A page of events, into tables: one transaction with the checkpoint.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tracing::{Instrument, info_span};

use super::table_projection::{filter, of_tables};
use super::{TableProjection, TransactionOf};
use crate::error::BoxError;
use crate::message::Event;
use crate::store::{
    BeginTransaction, CheckpointMove, CheckpointPlace, EndTransaction, Filter, GlobalPosition,
    Ports, ReadModelError, RecordedEvent, StoreTransaction, TransactionalStore,
};
use crate::subscription::{
    Batch, ConsumeError, Consumed, DeliveryTimeout, HeldLease, Subscriber, panic,
};
use crate::{telemetry, tenant};

/// A transaction takes no further event once it has been open for so long: on some stores others who write wait for it.
const TURN: Duration = Duration::from_millis(200);
/// How much longer than its one event's time limit and its turn a transaction may be open, for its own beginning and end.
const AROUND: Duration = Duration::from_secs(5);

/// Has a projection write what events mean, and keeps its checkpoint with that.
pub(super) struct TableFold<P: TableProjection> {
    store: Arc<P::Store>,
    ports: Ports,
    subscription: String,
    /// How long one event may take.
    timeout: Duration,
    stop: watch::Receiver<bool>,
    /// The build that the checkpoint was of when it began: another one after each reset.
    build: u64,
    position: GlobalPosition,
}

/// What became of the events of one transaction.
enum Tried<'a> {
    /// They were committed as far as this.
    Committed(Batch<'a>),
    /// One failed, and nothing is left of what was written.
    Stopped { at: usize, failure: ConsumeError },
}

#[async_trait]
impl<P: TableProjection> Subscriber for TableFold<P> {
    fn name(&self) -> &str {
        &self.subscription
    }

    fn filter(&self) -> Filter {
        filter::<P>()
    }

    async fn load_checkpoint(&mut self) -> Result<GlobalPosition, ConsumeError> {
        // Should it be reset in between, nothing can be committed, and it is looked again.
        let read_models = &self.ports.read_models;
        self.build = read_models.read_model_build(&self.subscription).await?;
        self.position = read_models
            .read_model_checkpoint(&self.subscription)
            .await?;
        Ok(self.position)
    }

    async fn prepare(&mut self, lease: Option<&HeldLease>) -> Result<(), ConsumeError> {
        let mut tx = self.begin(Some(self.place(self.position, lease))).await?;
        match self.limited(P::create(&mut tx)).await {
            Ok(()) => Ok(tx.commit(EndTransaction::Stay).await?),
            Err(source) => {
                tx.roll_back().await?;
                let source = self.unless_transient(source)?;
                Err(of_tables(&self.subscription, source))
            }
        }
    }

    async fn is_replaced(&self) -> Result<bool, ConsumeError> {
        let build = self.ports.read_models.read_model_build(&self.subscription);
        Ok(build.await? != self.build)
    }

    async fn consume(&mut self, batch: Batch<'_>) -> Result<Consumed, ConsumeError> {
        let (mut batch, mut failure) = (batch, None);
        let mut decoded = Vec::with_capacity(batch.events.len());
        for (at, recorded) in batch.events.iter().enumerate() {
            match decode::<P>(recorded) {
                Ok(event) => decoded.push(event),
                Err(error) => {
                    batch = batch.before(at);
                    failure = Some(error);
                    break;
                }
            }
        }
        while !batch.events.is_empty() {
            match self.attempt(batch, &decoded).await? {
                Tried::Committed(done) => {
                    // Where it stopped before the event that failed earlier, that one comes again by itself.
                    let failure = failure.filter(|_| done.to == batch.to);
                    return Ok(Consumed {
                        failure,
                        ..Consumed::up_to(done.to)
                    });
                }
                // What came before is written again without it, and that may fail too, further ahead.
                Tried::Stopped { at, failure: why } => {
                    batch = batch.before(at);
                    failure = Some(why);
                }
            }
        }
        if let Some(moved) = self.checkpoint(batch) {
            self.ports.checkpoints.move_checkpoint(moved).await?;
        }
        Ok(Consumed {
            failure,
            ..Consumed::up_to(batch.to)
        })
    }

    /// In a transaction that is rolled back.
    async fn rehearse(&self, events: &[RecordedEvent]) -> Result<(), ConsumeError> {
        let mut tx = self.begin(None).await?;
        let rehearsed = async {
            let created = self.limited(P::create(&mut tx)).await;
            created.map_err(|source| of_tables(&self.subscription, source))?;
            for recorded in events {
                let event = decode::<P>(recorded)?;
                self.apply(&event, recorded, &mut tx)
                    .await
                    .map_err(|source| ConsumeError::event(recorded, source))?;
            }
            Ok(())
        };
        let outcome = rehearsed.await;
        tx.roll_back().await?;
        outcome
    }
}

impl<P: TableProjection> TableFold<P> {
    pub(super) fn new(
        store: Arc<P::Store>,
        ports: &Ports,
        subscription: String,
        timeout: Duration,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self {
            store,
            ports: ports.clone(),
            subscription,
            timeout,
            stop,
            build: 0,
            position: GlobalPosition::START,
        }
    }

    /// Empties the tables and goes back to the beginning, in one transaction.
    pub(super) async fn reset(&self) -> Result<(), ConsumeError> {
        let mut tx = self.begin(None).await?;
        let cleared = async {
            // One that was never served has none yet, and one that drops them has none any more.
            self.limited(P::create(&mut tx)).await?;
            self.limited(P::clear(&mut tx)).await?;
            self.limited(P::create(&mut tx)).await
        };
        match cleared.await {
            Ok(()) => Ok(tx.commit(EndTransaction::Reset).await?),
            Err(source) => {
                tx.roll_back().await?;
                Err(of_tables(&self.subscription, source))
            }
        }
    }

    /// One transaction for as many of the events as there is time for.
    async fn attempt<'a>(
        &self,
        batch: Batch<'a>,
        decoded: &[P::Event],
    ) -> Result<Tried<'a>, ConsumeError> {
        let place = self.place(batch.from, batch.lease);
        let mut tx = self.begin(Some(place)).await?;
        let began = Instant::now();
        let mut done = batch;
        let mut entered = None;
        for (at, (event, recorded)) in decoded.iter().zip(batch.events).enumerate() {
            let is_over = at > 0 && (began.elapsed() >= TURN || !batch.may_go_on());
            if is_over || *self.stop.borrow() {
                done = batch.before(at);
                break;
            }
            let tenant = recorded.stream.tenant();
            if entered != Some(tenant) {
                tx.enter(Some(tenant)).await?;
                entered = Some(tenant);
            }
            if let Err(source) = self.apply_in_span(event, recorded, &mut tx).await {
                // One that was lost is the store's failure, and no event's.
                tx.roll_back().await?;
                let failure = ConsumeError::event(recorded, self.unless_transient(source)?);
                return Ok(Tried::Stopped { at, failure });
            }
        }
        match self.checkpoint(done) {
            Some(moved) => tx.commit(EndTransaction::Move(moved)).await?,
            None => tx.roll_back().await?,
        }
        Ok(Tried::Committed(done))
    }

    fn apply_in_span(
        &self,
        event: &P::Event,
        recorded: &RecordedEvent,
        tx: &mut TransactionOf<P>,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        let span = info_span!(
            telemetry::HANDLE_EVENT,
            { telemetry::SUBSCRIPTION } = self.subscription,
            { telemetry::EVENT_TYPE } = recorded.event_type(),
            { telemetry::POSITION } = recorded.position.get(),
        );
        self.apply(event, recorded, tx).instrument(span)
    }

    async fn apply(
        &self,
        event: &P::Event,
        recorded: &RecordedEvent,
        tx: &mut TransactionOf<P>,
    ) -> Result<(), BoxError> {
        let applied = self.limited(P::apply(event, recorded, tx));
        tenant::scope(recorded.stream.tenant().clone(), applied).await
    }

    /// The projection's own code: its panic, and that it takes too long, are failures.
    async fn limited(
        &self,
        call: impl Future<Output = Result<(), BoxError>> + Send,
    ) -> Result<(), BoxError> {
        match timeout(self.timeout, panic::catch_in(call)).await {
            Ok(done) => done?,
            Err(_) => Err(DeliveryTimeout::new(self.timeout).into()),
        }
    }

    /// What the projection said, if that is not that the database failed.
    fn unless_transient(&self, source: BoxError) -> Result<BoxError, ReadModelError> {
        let mut cause: Option<&(dyn Error + 'static)> = Some(&*source);
        while let Some(error) = cause {
            if <TransactionOf<P> as StoreTransaction>::is_transient(error) {
                return Err(ReadModelError::Unavailable {
                    collection: self.subscription.clone(),
                    source,
                });
            }
            cause = error.source();
        }
        Ok(source)
    }

    async fn begin(
        &self,
        place: Option<CheckpointPlace>,
    ) -> Result<TransactionOf<P>, ReadModelError> {
        // A reset calls the projection three times.
        let limit = self.timeout.saturating_mul(3).saturating_add(AROUND + TURN);
        let begin = BeginTransaction::new(&self.subscription, limit);
        let begin = match place {
            Some(place) => begin.at(place),
            None => begin,
        };
        self.store.begin(begin).await
    }

    fn place(&self, position: GlobalPosition, lease: Option<&HeldLease>) -> CheckpointPlace {
        CheckpointPlace {
            build: self.build,
            position,
            fence: lease.map(HeldLease::fence),
        }
    }

    fn checkpoint(&self, batch: Batch<'_>) -> Option<CheckpointMove> {
        let moved = batch.checkpoint(&self.subscription, None)?;
        Some(CheckpointMove {
            build: self.build,
            ..moved
        })
    }
}

fn decode<P: TableProjection>(recorded: &RecordedEvent) -> Result<P::Event, ConsumeError> {
    match P::Event::decode(&recorded.data) {
        Some(Ok(event)) => Ok(event),
        Some(Err(error)) => Err(ConsumeError::event(recorded, error.into())),
        // The filter asks for the projection's own types only.
        None => Err(ConsumeError::event(
            recorded,
            "the store ignored the filter".into(),
        )),
    }
}
