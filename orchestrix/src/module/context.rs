//! What event handlers and module commands may do.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

use super::ReplayContext;
use crate::aggregate::CommandOrigin;
use crate::app::{Core, Dispatch, Dispatchable, View};
use crate::message::{Key, MessageId, Metadata};
use crate::projection::Projection;
use crate::schedule::{Due, Schedule};
use crate::store::{
    GlobalPosition, IdempotencyKey, NameError, RecordedEvent, ScheduleId, StreamId, StreamVersion,
    TenantId,
};

/// What an `#[on]` method knows of its event, and what it may do: commands that it dispatches carry the event's
/// correlation, and the event as their cause.
#[derive(Clone)]
pub struct EventContext {
    /// What it is without the commands.
    known: ReplayContext,
}

impl EventContext {
    pub(crate) fn new(core: Arc<Core>, recorded: RecordedEvent) -> Self {
        let known = ReplayContext::live(core, recorded);
        Self { known }
    }

    pub(crate) fn recorded(&self) -> &RecordedEvent {
        self.known.recorded()
    }

    /// For a handler that dispatches nothing.
    pub(crate) fn without_commands(&self) -> &ReplayContext {
        &self.known
    }

    /// Where the event stands in the whole store.
    pub fn position(&self) -> GlobalPosition {
        self.known.position()
    }

    /// The event's stream.
    pub fn stream(&self) -> &StreamId {
        self.known.stream()
    }

    /// Where the event stands in its stream.
    pub fn version(&self) -> StreamVersion {
        self.known.version()
    }

    /// The event's id: what to deduplicate effects by, since an event may come more than once.
    pub fn event_id(&self) -> MessageId {
        self.known.event_id()
    }

    /// Where the event comes from.
    pub fn metadata(&self) -> &Metadata {
        self.known.metadata()
    }

    /// When the event happened.
    pub fn occurred_at(&self) -> Timestamp {
        self.known.occurred_at()
    }

    /// Dispatches a command to the event's tenant, caused by the event.
    pub fn dispatch<C: Dispatchable<Target>, Target>(&self, command: C) -> Dispatch<C, Target> {
        let cause = CommandOrigin::caused_by(
            self.event_id(),
            self.metadata(),
            self.stream().tenant().clone(),
        );
        Dispatch::nested(self.known.core().clone(), command, cause)
    }

    /// Has a command [dispatched at a time](crate::schedule) to the event's tenant, caused by the event. The event may come
    /// more than once: give an [id](Schedule::id) that is made from it, so that it is scheduled once.
    pub fn schedule<C: Dispatchable<Target>, Target>(
        &self,
        command: C,
        due: impl Into<Due>,
    ) -> Schedule<C, Target> {
        let cause = CommandOrigin::caused_by(
            self.event_id(),
            self.metadata(),
            self.stream().tenant().clone(),
        );
        let core = self.known.core().clone();
        Schedule::nested(core, command, due.into(), cause, Ok(None))
    }

    /// A document of a read model, of the event's tenant.
    pub fn view<P: Projection>(&self, key: &(impl Key + ?Sized)) -> View<P> {
        self.known.view(key)
    }
}

impl fmt::Debug for EventContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventContext")
            .field("recorded", self.recorded())
            .finish_non_exhaustive()
    }
}

/// What an async `#[handle]` method of a module may do: commands that it dispatches carry the correlation of its own,
/// and that one as their cause.
#[derive(Clone)]
pub struct ModuleContext {
    core: Arc<Core>,
    origin: CommandOrigin,
    /// How many commands were dispatched, by this context and its clones.
    dispatched: Arc<AtomicU64>,
}

impl ModuleContext {
    pub(crate) fn new(core: Arc<Core>, origin: CommandOrigin) -> Self {
        Self {
            core,
            origin,
            dispatched: Arc::default(),
        }
    }

    /// The command's id.
    pub fn message_id(&self) -> MessageId {
        self.origin.message_id
    }

    /// Whose command it is.
    pub fn tenant(&self) -> &TenantId {
        &self.origin.tenant
    }

    /// The time, by the app's clock.
    pub fn now(&self) -> Timestamp {
        self.core.clock.now()
    }

    /// The key that makes this command the same request when it comes again, if it has one.
    pub fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        self.origin.idempotency_key.as_ref()
    }

    /// Dispatches a command to the same tenant, caused by this one.
    ///
    /// Where this command has an [idempotency key](Dispatch::idempotency_key), the commands that it dispatches have keys,
    /// too: `key/1`, `key/2`, in the order of the calls. So a handler that runs again does nothing twice, provided that it
    /// dispatches in the same order; where that depends on what it reads, give them keys of their own. What a handler
    /// gives itself is not kept: it runs again, and gets the first receipts.
    pub fn dispatch<C: Dispatchable<Target>, Target>(&self, command: C) -> Dispatch<C, Target> {
        let cause = CommandOrigin::caused_by(
            self.origin.message_id,
            &self.origin.metadata,
            self.origin.tenant.clone(),
        );
        Dispatch::nested(self.core.clone(), command, cause).part_of(self.next_key())
    }

    /// Has a command [dispatched at a time](crate::schedule) to the same tenant, caused by this one. Where this command has
    /// an idempotency key, the id is derived from that as the keys of the commands it [dispatches](Self::dispatch), and in one
    /// row with them, unless it is [given](Schedule::id).
    pub fn schedule<C: Dispatchable<Target>, Target>(
        &self,
        command: C,
        due: impl Into<Due>,
    ) -> Schedule<C, Target> {
        let cause = CommandOrigin::caused_by(
            self.origin.message_id,
            &self.origin.metadata,
            self.origin.tenant.clone(),
        );
        let id = match self.next_key() {
            Ok(Some(key)) => ScheduleId::new(key.as_str()).map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        Schedule::nested(self.core.clone(), command, due.into(), cause, id)
    }

    fn next_key(&self) -> Result<Option<IdempotencyKey>, NameError> {
        let Some(key) = &self.origin.idempotency_key else {
            return Ok(None);
        };
        let number = self.dispatched.fetch_add(1, Ordering::Relaxed) + 1;
        IdempotencyKey::new(format!("{key}/{number}")).map(Some)
    }

    /// A document of a read model, of the same tenant.
    pub fn view<P: Projection>(&self, key: &(impl Key + ?Sized)) -> View<P> {
        View::new(self.core.clone(), key.to_key()).tenant(self.tenant().clone())
    }
}

impl fmt::Debug for ModuleContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModuleContext")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}
