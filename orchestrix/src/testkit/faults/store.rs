//! The wrapper.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::counts::FaultCounts;
use super::fault::{AppendFault, InjectedFault};
use super::gate::Gate;
use super::plan::{FaultOdds, Plan};
use super::read_fault::{ReadCall, ReadFault};
use super::read_plan::ReadPlans;
use super::seeded::Seeded;
use crate::message::MessageId;
use crate::store::{
    Append, AppendError, Appended, ChangeSignal, Changes, EventStore, ExpectedVersion,
    GlobalPosition, IdempotencyKey, Page, ReadAll, ReadError, ReadStream, RecordedEvent, StreamId,
    StreamVersion, TenantId,
};

/// An event store over another one, which makes appends and reads fail and leaves listeners asleep. Clones are one
/// store.
#[derive(Clone)]
pub struct FaultStore(Arc<Shared>);

struct Shared {
    inner: Arc<dyn EventStore>,
    plan: Mutex<Plan>,
    counts: Mutex<FaultCounts>,
    gate: Gate,
    read_plans: Mutex<ReadPlans>,
    read_gate: Gate,
    drops_wake_ups: AtomicBool,
    /// Never wakes anybody.
    silence: ChangeSignal,
}

type Outcome = Result<Appended, AppendError>;

impl FaultStore {
    /// A store over this one, without any faults yet.
    pub fn over(inner: Arc<dyn EventStore>) -> Self {
        Self(Arc::new(Shared {
            inner,
            plan: Mutex::default(),
            counts: Mutex::default(),
            gate: Gate::new(),
            read_plans: Mutex::default(),
            read_gate: Gate::new(),
            drops_wake_ups: AtomicBool::new(false),
            silence: ChangeSignal::new(),
        }))
    }

    /// What happens to the next appends, one entry for each, `None` for nothing; after those that were said before.
    pub fn next(&self, faults: impl IntoIterator<Item = Option<AppendFault>>) {
        self.plan().script.extend(faults);
    }

    /// What happens to every append for which [`next`](Self::next) said nothing.
    pub fn always(&self, fault: AppendFault) {
        self.plan().always = Some(fault);
    }

    /// Draws what happens to appends for which neither [`next`](Self::next) nor [`always`](Self::always) said anything.
    /// The same seed draws the same faults, in the order in which appends come.
    pub fn seeded(&self, seed: u64, odds: FaultOdds) {
        self.plan().drawn = Some((Seeded(seed), odds));
    }

    /// What happens to the next reads of this kind, one entry for each, `None` for nothing; after those that were said
    /// before.
    pub fn next_reads(&self, call: ReadCall, faults: impl IntoIterator<Item = Option<ReadFault>>) {
        self.0.read_plans().of(call).script.extend(faults);
    }

    /// What happens to every read of this kind for which [`next_reads`](Self::next_reads) said nothing.
    pub fn always_reads(&self, call: ReadCall, fault: ReadFault) {
        self.0.read_plans().of(call).always = Some(fault);
    }

    /// Draws what happens to reads of this kind for which neither [`next_reads`](Self::next_reads) nor
    /// [`always_reads`](Self::always_reads) said anything.
    pub fn seeded_reads(&self, call: ReadCall, seed: u64, odds: FaultOdds<ReadFault>) {
        self.0.read_plans().of(call).drawn = Some((Seeded(seed), odds));
    }

    /// No more faults, and wake-ups for those who begin to listen from now on. What is held stays held.
    pub fn heal(&self) {
        *self.plan() = Plan::default();
        *self.0.read_plans() = ReadPlans::default();
        self.0.drops_wake_ups.store(false, Ordering::Release);
    }

    /// Never wakes those who begin to listen from now on; they find events by looking now and then.
    pub fn drop_wake_ups(&self) {
        self.0.drops_wake_ups.store(true, Ordering::Release);
    }

    /// Where appends are held that meet [`AppendFault::Held`]; closed at first.
    pub fn gate(&self) -> &Gate {
        &self.0.gate
    }

    /// Where reads are held that meet [`ReadFault::Held`]; closed at first.
    pub fn read_gate(&self) -> &Gate {
        &self.0.read_gate
    }

    /// What it has done until now.
    pub fn counts(&self) -> FaultCounts {
        *self.0.counts()
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        lock(&self.0.plan)
    }
}

impl Shared {
    fn counts(&self) -> MutexGuard<'_, FaultCounts> {
        lock(&self.counts)
    }

    fn read_plans(&self) -> MutexGuard<'_, ReadPlans> {
        lock(&self.read_plans)
    }

    /// What is to happen to a read, once it may be made.
    async fn before_reading(&self, call: ReadCall) -> Result<Option<ReadFault>, ReadError> {
        let fault = self.read_plans().of(call).next();
        self.counts().read_met(fault);
        if let Some(error) = fault.and_then(ReadFault::before_reading) {
            return Err(error);
        }
        if fault == Some(ReadFault::Held) {
            self.read_gate.pass().await;
        }
        Ok(fault)
    }

    /// Sends appends once more that were acknowledged.
    async fn send_again(&self, appends: Vec<Append>) {
        if appends.is_empty() {
            return;
        }
        let sent = appends.len();
        let outcomes = self.inner.append(appends).await;
        let recognised = |outcome: &&Outcome| matches!(outcome, Ok(appended) if appended.repeated);
        let recognised = outcomes.iter().filter(recognised).count();
        self.counts().unrecognised += sent.saturating_sub(recognised);
    }
}

impl fmt::Debug for FaultStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultStore")
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}

/// One append of a call, with what happens to it.
enum Fate {
    /// It is not sent.
    Refused(AppendError),
    /// It is sent; the outcome is lost when it says so, and a copy is kept to be sent again.
    Sent {
        answer_lost: bool,
        again: Option<Append>,
    },
}

#[async_trait]
impl EventStore for FaultStore {
    async fn append(&self, appends: Vec<Append>) -> Vec<Outcome> {
        let mut fates = Vec::with_capacity(appends.len());
        let mut sent = Vec::with_capacity(appends.len());
        let mut is_held = false;
        self.0.counts().calls += 1;
        for append in appends {
            let fault = self.plan().next();
            self.0.counts().met(fault);
            if let Some(error) = fault.and_then(AppendFault::before_sending) {
                fates.push(Fate::Refused(error));
                continue;
            }
            is_held |= fault == Some(AppendFault::Held);
            fates.push(Fate::Sent {
                answer_lost: fault == Some(AppendFault::AnswerLost),
                again: (fault == Some(AppendFault::Twice)).then(|| append.clone()),
            });
            sent.push(append);
        }
        if is_held {
            self.0.gate.pass().await;
        }
        let mut outcomes = match sent.is_empty() {
            true => Vec::new(),
            false => self.0.inner.append(sent).await,
        }
        .into_iter();
        let mut twice = Vec::new();
        let told = fates
            .into_iter()
            .filter_map(|fate| match fate {
                Fate::Refused(error) => Some(Err(error)),
                Fate::Sent { answer_lost, again } => {
                    let outcome = outcomes.next()?;
                    if outcome.is_ok() {
                        twice.extend(again);
                    }
                    Some(if answer_lost { Err(lost()) } else { outcome })
                }
            })
            .collect();
        self.0.send_again(twice).await;
        told
    }

    async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
        let fault = self.0.before_reading(ReadCall::Stream).await?;
        let mut events = self.0.inner.read_stream(read.clone()).await?;
        if let Some(fault) = fault.filter(|fault| fault.hide_of_stream(&mut events, &read)) {
            self.0.counts().hid(fault);
        }
        Ok(events)
    }

    async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
        let fault = self.0.before_reading(ReadCall::All).await?;
        let after = read.after;
        let mut page = self.0.inner.read_all(read).await?;
        if let Some(fault) = fault.filter(|fault| fault.hide_of_page(&mut page, after)) {
            self.0.counts().hid(fault);
        }
        Ok(page)
    }

    async fn find_event(
        &self,
        tenant: &TenantId,
        event_id: MessageId,
    ) -> Result<Option<RecordedEvent>, ReadError> {
        self.0.before_reading(ReadCall::Find).await?;
        self.0.inner.find_event(tenant, event_id).await
    }

    async fn outcome_of(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<Appended>, ReadError> {
        self.0.before_reading(ReadCall::Outcome).await?;
        self.0.inner.outcome_of(tenant, key).await
    }

    async fn archive_stream(
        &self,
        stream: &StreamId,
        expected: ExpectedVersion,
    ) -> Result<StreamVersion, AppendError> {
        self.0.inner.archive_stream(stream, expected).await
    }

    async fn head(&self) -> Result<GlobalPosition, ReadError> {
        self.0.before_reading(ReadCall::Head).await?;
        self.0.inner.head().await
    }

    fn changes(&self) -> Changes {
        if self.0.drops_wake_ups.load(Ordering::Acquire) {
            self.0.counts().deaf_listeners += 1;
            return self.0.silence.subscribe();
        }
        self.0.inner.changes()
    }
}

fn lost() -> AppendError {
    AppendError::Indeterminate {
        source: InjectedFault {
            fault: AppendFault::AnswerLost,
        }
        .into(),
    }
}

/// Nothing is done under these locks that can panic half-way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
