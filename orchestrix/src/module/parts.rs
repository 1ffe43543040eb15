//! What a module names when it is registered.

use std::any::TypeId;
use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{EventContext, EventHandlerOutput, Module, ModuleCommand, ReplayContext};
use crate::aggregate::{Aggregate, AggregateInfo, CommandInfo};
use crate::error::BoxError;
use crate::message::{DecodeError, Event, EventType};
use crate::projection::{
    Erased, ErasedProjection, ErasedTables, Projection, TableProjection, Unbound,
};
use crate::saga::{self, ErasedSaga, Reacting, Saga};
use crate::schedule::StoredCommand;
use crate::store::{Filter, GlobalPosition, RecordedEvent};

/// What an event handler's call gives.
pub type HandlerFuture<'a> = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send + 'a>>;

/// Collects the parts of one module.
#[derive(Default)]
pub struct Parts {
    pub(crate) aggregates: Vec<(TypeId, AggregateInfo)>,
    pub(crate) projections: Vec<Box<dyn ErasedProjection>>,
    pub(crate) tables: Vec<Box<dyn ErasedTables>>,
    pub(crate) handlers: Vec<EventHandler>,
    pub(crate) sagas: Vec<Box<dyn ErasedSaga>>,
    pub(crate) commands: Vec<(TypeId, CommandInfo)>,
    pub(crate) stored_commands: Vec<StoredCommand>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sagas = self.sagas.iter().map(|saga| saga.info().name);
        f.debug_struct("Parts")
            .field("aggregates", &self.aggregates)
            .field("sagas", &sagas.collect::<Vec<_>>())
            .field("handlers", &self.handlers)
            .field("commands", &self.commands)
            .finish_non_exhaustive()
    }
}

/// An `#[on]` method, or what consumes the events of a subscription of the user's own, erased.
#[derive(Clone)]
pub(crate) struct EventHandler {
    pub(crate) name: Cow<'static, str>,
    /// The types that it reads its events into.
    pub(crate) events: Vec<&'static EventType>,
    /// The events it wants.
    pub(crate) wants: Filter,
    pub(crate) call: Arc<Call>,
    /// The same for a replay; none where it is live only.
    pub(crate) replay: Option<Arc<ReplayCall>>,
}

impl EventHandler {
    /// The name of its subscription: the module's, and its own.
    pub(crate) fn subscription(&self, module: &str) -> String {
        format!("{module}.{}", self.name)
    }

    /// The events it wants.
    pub(crate) fn filter(&self) -> Filter {
        self.wants.clone()
    }
}

/// `None` when the event is not one of the handler's.
pub(crate) type Call = dyn for<'a> Fn(
        &'a RecordedEvent,
        &'a EventContext,
    ) -> Option<Result<HandlerFuture<'a>, DecodeError>>
    + Send
    + Sync;

/// `None` when the event is not one of the handler's.
pub(crate) type ReplayCall = dyn for<'a> Fn(
        &'a RecordedEvent,
        &'a ReplayContext,
    ) -> Option<Result<HandlerFuture<'a>, DecodeError>>
    + Send
    + Sync;

impl std::fmt::Debug for EventHandler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EventHandler({})", self.name)
    }
}

impl Parts {
    /// An aggregate of the module.
    pub fn aggregate<A: Aggregate>(&mut self) {
        self.aggregates
            .push((TypeId::of::<A>(), AggregateInfo::of::<A>()));
        self.stored_commands.extend(A::stored_commands());
    }

    /// A projection of the module.
    pub fn projection<P: Projection>(&mut self) {
        self.projections.push(Box::new(Erased::<P>::new()));
    }

    /// A saga of the module.
    pub fn saga<S: Saga>(&mut self) {
        self.sagas.push(Box::new(saga::Erased::<S>::new(None)));
    }

    /// A saga whose successor has another name: no event behind this position starts an instance of it, and those that are
    /// there go on to their ends. For one whose steps changed under instances that are under way: keep its old code and its
    /// old name here, and give the new code a new name and a [`Delivery`](crate::subscription::Delivery) that begins
    /// [after](crate::subscription::StartFrom::After) the same position. Each event then starts one of both.
    ///
    /// Take the position where the log ends once nothing runs the old code alone any more: what that starts behind the
    /// position is started by the new one, too.
    pub fn saga_until<S: Saga>(&mut self, last: GlobalPosition) {
        let saga = saga::Erased::<S>::new(Some(last));
        self.sagas.push(Box::new(saga));
    }

    /// A saga of reactions of the module.
    pub fn reacting<S: Reacting>(&mut self) {
        self.sagas.push(Box::new(saga::ErasedReacting::<S>::new()));
    }

    /// A projection of the module that writes tables of its own.
    pub fn tables<P: TableProjection>(&mut self) {
        self.tables.push(Box::new(Unbound::<P>::new()));
    }

    /// An event handler of the module: a durable subscription named after the module and `name`.
    pub fn on<E, F>(&mut self, name: &'static str, handle: F)
    where
        E: Event,
        F: for<'a> Fn(Arc<E>, &'a EventContext) -> HandlerFuture<'a> + Send + Sync + 'static,
    {
        let call: Arc<Call> = Arc::new(move |recorded, cx| {
            Some(E::decode(&recorded.data)?.map(|event| handle(Arc::new(event), cx)))
        });
        self.handler::<E>(name, call, None);
    }

    /// An event handler of the module that may also run in a replay, since it can do no harm there: it dispatches nothing,
    /// and what else it does may be done again.
    pub fn on_replay<E, F>(&mut self, name: &'static str, handle: F)
    where
        E: Event,
        F: for<'a> Fn(Arc<E>, &'a ReplayContext) -> HandlerFuture<'a> + Send + Sync + 'static,
    {
        let replay: Arc<ReplayCall> = Arc::new(move |recorded, cx| {
            Some(E::decode(&recorded.data)?.map(|event| handle(Arc::new(event), cx)))
        });
        let live = replay.clone();
        let call: Arc<Call> = Arc::new(move |recorded, cx| live(recorded, cx.without_commands()));
        self.handler::<E>(name, call, Some(replay));
    }

    fn handler<E: Event>(
        &mut self,
        name: &'static str,
        call: Arc<Call>,
        replay: Option<Arc<ReplayCall>>,
    ) {
        let events = E::types();
        let names = events.iter().map(|known| known.stored_name());
        self.handlers.push(EventHandler {
            name: name.into(),
            wants: Filter::all().event_types(names),
            events,
            call,
            replay,
        });
    }

    /// A command that can be [scheduled](crate::schedule), of those that the module itself handles; nothing, if it is none.
    pub fn stored_command(&mut self, command: Option<StoredCommand>) {
        self.stored_commands.extend(command);
    }

    /// A command that the module itself handles.
    pub fn command<C: ModuleCommand<M>, M: Module>(&mut self) {
        self.commands
            .push((TypeId::of::<C>(), CommandInfo::of::<C>()));
    }
}

/// For generated code: gives an `#[on]` method's outcome its common form.
///
/// # Errors
/// The handler's.
pub fn handler_result(output: impl EventHandlerOutput) -> Result<(), BoxError> {
    output.into_result()
}
