//! What event handlers and module commands may do.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use crate::aggregate::CommandOrigin;
use crate::app::{Core, Dispatch, Dispatchable, View};
use crate::message::{Key, MessageId, Metadata};
use crate::projection::Projection;
use crate::store::{GlobalPosition, RecordedEvent, StreamId, StreamVersion, TenantId};

/// What an `#[on]` method knows of its event, and what it may do: commands that it dispatches carry the event's
/// correlation, and the event as their cause.
#[derive(Clone)]
pub struct EventContext {
    core: Arc<Core>,
    recorded: RecordedEvent,
}

impl EventContext {
    pub(crate) fn new(core: Arc<Core>, recorded: RecordedEvent) -> Self {
        Self { core, recorded }
    }

    pub(crate) fn recorded(&self) -> &RecordedEvent {
        &self.recorded
    }

    /// Where the event stands in the whole store.
    pub fn position(&self) -> GlobalPosition {
        self.recorded.position
    }

    /// The event's stream.
    pub fn stream(&self) -> &StreamId {
        &self.recorded.stream
    }

    /// Where the event stands in its stream.
    pub fn version(&self) -> StreamVersion {
        self.recorded.version
    }

    /// The event's id: what to deduplicate effects by, since an event may come more than once.
    pub fn event_id(&self) -> MessageId {
        self.recorded.event_id()
    }

    /// Where the event comes from.
    pub fn metadata(&self) -> &Metadata {
        &self.recorded.data.metadata
    }

    /// When the event happened.
    pub fn occurred_at(&self) -> Timestamp {
        self.recorded.data.occurred_at
    }

    /// Dispatches a command to the event's tenant, caused by the event.
    pub fn dispatch<C: Dispatchable<Target>, Target>(&self, command: C) -> Dispatch<C, Target> {
        let cause = CommandOrigin::caused_by(
            self.recorded.event_id(),
            self.metadata(),
            self.stream().tenant().clone(),
        );
        Dispatch::nested(self.core.clone(), command, cause)
    }

    /// A document of a read model, of the event's tenant.
    pub fn view<P: Projection>(&self, key: &(impl Key + ?Sized)) -> View<P> {
        View::new(self.core.clone(), key.to_key()).tenant(self.stream().tenant().clone())
    }
}

impl fmt::Debug for EventContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventContext")
            .field("recorded", &self.recorded)
            .finish_non_exhaustive()
    }
}

/// What an async `#[handle]` method of a module may do: commands that it dispatches carry the correlation of its own,
/// and that one as their cause.
#[derive(Clone)]
pub struct ModuleContext {
    core: Arc<Core>,
    origin: CommandOrigin,
}

impl ModuleContext {
    pub(crate) fn new(core: Arc<Core>, origin: CommandOrigin) -> Self {
        Self { core, origin }
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

    /// Dispatches a command to the same tenant, caused by this one.
    pub fn dispatch<C: Dispatchable<Target>, Target>(&self, command: C) -> Dispatch<C, Target> {
        let cause = CommandOrigin::caused_by(
            self.origin.message_id,
            &self.origin.metadata,
            self.origin.tenant.clone(),
        );
        Dispatch::nested(self.core.clone(), command, cause)
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
