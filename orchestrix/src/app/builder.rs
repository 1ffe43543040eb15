//! Building and starting an application.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, watch};
use tower_layer::Layer;
use tower_service::Service;
use tracing::warn;

use super::built_indexes::BuiltIndexes;
use super::core::MOST_COMMANDS;
use super::shutdown::Hook;
use super::subscriptions::Subscriptions;
use super::{App, Config, Core, Running, StartError};
use crate::aggregate::{Executor, StateCache, StreamQueues};
use crate::clock::{Clock, SystemClock};
use crate::error::BoxError;
use crate::message::Event;
use crate::message::MessageId;
use crate::middleware::{
    CallService, CarryOut, CommandCall, CommandReply, DeliveryCall, Handle, Layers,
};
use crate::module::{EventSubscriber, Module, OwnSubscription, Parts};
use crate::projection::InlineProjections;
use crate::randomness::{Randomness, SystemRandomness};
use crate::registry::{Problem, Problems, Registry};
use crate::saga::{self, LookedAt};
use crate::schedule::{Firing, Handler, Runner};
use crate::store::{
    Appender, Backend, CheckpointStore, EventStore, GlobalPosition, LockStore, NodeId, Ports,
    ReadError, ReadModelStore, ScheduleStore,
};
use crate::subscription::{Delivery, FailureObserver, Failures, Subscription, SubscriptionFailure};

/// The way in: [`Orchestrix::builder`].
#[derive(Debug, Clone, Copy)]
pub struct Orchestrix;

impl Orchestrix {
    /// An application to be. It needs a store and modules.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

/// Collects what an application consists of; [`start`](Builder::start) checks all of it and runs it.
#[must_use = "an application runs once it is started"]
pub struct Builder {
    backend: Option<Arc<dyn Backend>>,
    replaced: Vec<Replacement>,
    modules: Vec<Registered>,
    subscriptions: Vec<OwnSubscription>,
    registry: Registry,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    deliveries: BTreeMap<String, Delivery>,
    dispatch_layers: Layers<CommandCall>,
    delivery_layers: Layers<DeliveryCall>,
    failure_observers: Vec<FailureObserver>,
    hooks: Vec<(String, Hook)>,
    /// What else is done at a time, besides commands, by kind: for other parts of this crate.
    pub(crate) firing: Vec<(&'static str, Handler)>,
    config: Config,
}

/// Puts one port in the place of the backend's.
type Replacement = Box<dyn FnOnce(&mut Ports) + Send>;

struct Registered {
    name: &'static str,
    rust_type: &'static str,
    type_id: TypeId,
    instance: Arc<dyn Any + Send + Sync>,
    parts: Parts,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            backend: None,
            replaced: Vec::new(),
            modules: Vec::new(),
            subscriptions: Vec::new(),
            #[cfg(feature = "auto-register")]
            registry: Registry::linked(),
            #[cfg(not(feature = "auto-register"))]
            registry: Registry::empty(),
            clock: Arc::new(SystemClock),
            randomness: Arc::new(SystemRandomness),
            deliveries: BTreeMap::new(),
            dispatch_layers: Layers::default(),
            delivery_layers: Layers::default(),
            failure_observers: Vec::new(),
            hooks: Vec::new(),
            firing: vec![(saga::TIMER, Arc::new(|core, due| saga::fire(core, due)))],
            config: Config::default(),
        }
    }
}

impl Builder {
    /// Where everything is kept. The last one named counts.
    pub fn store(mut self, backend: impl Backend) -> Self {
        self.backend = Some(Arc::new(backend));
        self
    }

    /// The log elsewhere than in the store.
    pub fn events(mut self, events: Arc<dyn EventStore>) -> Self {
        self.replaced.push(Box::new(|ports| ports.events = events));
        self
    }

    /// The checkpoints of event handlers elsewhere than in the store.
    pub fn checkpoints(mut self, checkpoints: Arc<dyn CheckpointStore>) -> Self {
        self.replaced
            .push(Box::new(|ports| ports.checkpoints = checkpoints));
        self
    }

    /// The read models elsewhere than in the store.
    pub fn read_models(mut self, read_models: Arc<dyn ReadModelStore>) -> Self {
        self.replaced
            .push(Box::new(|ports| ports.read_models = read_models));
        self
    }

    /// The locks elsewhere than in the store.
    pub fn locks(mut self, locks: Arc<dyn LockStore>) -> Self {
        self.replaced.push(Box::new(|ports| ports.locks = locks));
        self
    }

    /// A module with all of its parts.
    pub fn module<M: Module>(mut self, module: M) -> Self {
        let module = Arc::new(module);
        let mut parts = Parts::default();
        module.clone().register(&mut parts);
        self.modules.push(Registered {
            name: module.name(),
            rust_type: std::any::type_name::<M>(),
            type_id: TypeId::of::<M>(),
            instance: module,
            parts,
        });
        self
    }

    /// A durable subscription of one's own: it is served, retried, led past failures, shared among nodes and watched as an
    /// event handler is. An event whose type no part of the app knows reaches it as it is stored;
    /// [`RecordedEvent::read`](crate::store::RecordedEvent::read) gives the others their types.
    ///
    /// ```
    /// use orchestrix::prelude::*;
    /// use orchestrix::store::{Filter, RecordedEvent};
    /// use orchestrix::subscription::Subscription;
    ///
    /// #[derive(Event, Serialize, Deserialize)]
    /// struct Sold { pence: i64 }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let audit = Subscription::new("audit").filter(Filter::all().categories(["order"]));
    /// let app = Orchestrix::builder()
    /// #   .isolated()
    ///     .store(MemoryStore::new())
    ///     .subscription(audit, |event: RecordedEvent, cx: EventContext| async move {
    ///         if let Some(sold) = event.read::<Sold>()? {
    ///             println!("{} pence in {}, at {}", sold.pence, event.stream, cx.position());
    ///         }
    ///         Ok::<_, orchestrix::message::DecodeError>(())
    ///     })
    ///     .start()
    ///     .await?;
    /// assert_eq!(app.subscriptions()[0].name, "audit");
    /// # Ok(app.shutdown().await?) }
    /// ```
    pub fn subscription<Kind: 'static>(
        mut self,
        subscription: Subscription,
        subscriber: impl EventSubscriber<Kind>,
    ) -> Self {
        let own = OwnSubscription::new(subscription, subscriber);
        self.subscriptions.push(own);
        self
    }

    /// An event that no module names, to be known by its stored name.
    pub fn event<E: Event>(mut self) -> Self {
        self.registry.event::<E>();
        self
    }

    /// Only what modules and [`event`](Builder::event) name is known, not every event linked into the program: for
    /// several applications, or tests, whose events have equal names in one program. Call it before the others.
    pub fn isolated(mut self) -> Self {
        self.registry = Registry::empty();
        self
    }

    /// Another clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Another source of randomness, for the waits of retries: a seeded one in tests.
    pub fn randomness(mut self, randomness: impl Randomness) -> Self {
        self.randomness = Arc::new(randomness);
        self
    }

    /// How events are delivered to the subscription of this name, instead of by [`Delivery::default`]: where it begins,
    /// how failures are retried, what becomes of an event that cannot be consumed. Names are those that
    /// [`App::subscriptions`] tells: `module.handler`, or a projection's name and version as in `total@1`. The last one
    /// given for a name counts; a name that is none of the app's is a problem at the start.
    pub fn delivery(mut self, subscription: impl Into<String>, delivery: Delivery) -> Self {
        self.deliveries.insert(subscription.into(), delivery);
        self
    }

    /// A layer of [middleware](crate::middleware) around each command, within those that were given before.
    pub fn dispatch_layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<CallService<CommandCall>> + Send + 'static,
        L::Service: Service<CommandCall, Response = CommandReply> + Clone + Send + Sync + 'static,
        <L::Service as Service<CommandCall>>::Error: Into<BoxError>,
        <L::Service as Service<CommandCall>>::Future: Send + 'static,
    {
        self.dispatch_layers.push(layer);
        self
    }

    /// A layer of [middleware](crate::middleware) around each call of an event handler, within those that were given
    /// before. Projections are not called event by event: it is not around them.
    pub fn delivery_layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<CallService<DeliveryCall>> + Send + 'static,
        L::Service: Service<DeliveryCall, Response = ()> + Clone + Send + Sync + 'static,
        <L::Service as Service<DeliveryCall>>::Error: Into<BoxError>,
        <L::Service as Service<DeliveryCall>>::Future: Send + 'static,
    {
        self.delivery_layers.push(layer);
        self
    }

    /// Who is told of each failure of a subscription on this node, when it happens: to raise an alarm, to count. It is
    /// called where the subscription runs, so it must be quick; where it panics, nothing else changes. All that are given
    /// are told.
    ///
    /// ```
    /// use orchestrix::prelude::*;
    /// use orchestrix::subscription::FailureReaction;
    ///
    /// let builder = Orchestrix::builder().on_failure(|failure| {
    ///     if failure.reaction == FailureReaction::Halt {
    ///         eprintln!("{} at {:?}: {}", failure.subscription, failure.position, failure.error);
    ///     }
    /// });
    /// # drop(builder);
    /// ```
    pub fn on_failure(
        mut self,
        observer: impl Fn(&SubscriptionFailure) + Send + Sync + 'static,
    ) -> Self {
        self.failure_observers.push(Box::new(observer));
        self
    }

    /// What is done first when the app is shut down, while it still answers queries: to leave a load balancer, to tell
    /// clients. All that is given runs at once, within [`Config::stopping_timeout`]. What fails, panics or is late there is
    /// told in the [report](App::shutdown_report), and ends no shutdown.
    pub fn on_shutdown<F, E>(mut self, name: impl Into<String>, done: F) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError>,
    {
        let hook = async move { done.await.map_err(Into::into) };
        self.hooks.push((name.into(), Box::pin(hook)));
        self
    }

    /// What is to be done at a time elsewhere than in the store.
    pub fn schedules(mut self, schedules: Arc<dyn ScheduleStore>) -> Self {
        self.replaced
            .push(Box::new(|ports| ports.schedules = schedules));
        self
    }

    /// Other limits.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Checks everything and starts the subscriptions. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`StartError`], with every problem there is.
    pub async fn start(mut self) -> Result<App, StartError> {
        #[cfg(feature = "metrics")]
        crate::telemetry::metrics::describe();
        self.config.check()?;
        let backend = self.backend.take().ok_or(StartError::NoStore)?;
        let mut ports = backend.ports();
        let own_ports = ports.clone();
        for replace in self.replaced.drain(..) {
            replace(&mut ports);
        }
        let mut instances = HashMap::new();
        let mut wrong_stores = Vec::new();
        let mut ill_sagas = Vec::new();
        let mut subscriptions = Subscriptions::default();
        let mut stored_commands = Vec::new();
        for module in self.modules {
            instances.insert(module.type_id, module.instance);
            self.registry
                .register(module.name, module.rust_type, &module.parts);
            stored_commands.extend(module.parts.stored_commands);
            for projection in module.parts.projections {
                subscriptions.projection(projection);
            }
            for tables in module.parts.tables {
                wrong_stores.extend(subscriptions.tables(&*tables, &backend, &own_ports));
            }
            for saga in module.parts.sagas {
                ill_sagas.extend(subscriptions.saga(saga));
            }
            for handler in module.parts.handlers {
                subscriptions.handler(module.name, handler);
            }
        }
        if self.registry.has_sagas() {
            subscriptions.projection(saga::records());
        }
        let mut ill_delivered = Vec::new();
        for subscription in self.subscriptions {
            self.registry.subscription(&subscription);
            ill_delivered.extend(subscriptions.own(subscription));
        }
        let mut problems = self
            .registry
            .verify()
            .err()
            .map_or_else(Vec::new, |found| found.0);
        problems.extend(ill_delivered);
        if !Arc::ptr_eq(&ports.read_models, &own_ports.read_models) {
            problems.extend(subscriptions.inline_elsewhere());
        }
        problems.extend(ill_sagas);
        // What is said of a subscription that could not be planned is no mistake of its own.
        for problem in &wrong_stores {
            if let Problem::WrongStore { projection, .. } = problem {
                self.deliveries.remove(projection);
            }
        }
        problems.extend(subscriptions.deliver(self.deliveries));
        problems.extend(wrong_stores);
        if !problems.is_empty() {
            let problems = Problems(problems);
            return Err(StartError::Problems { problems });
        }
        let inline = InlineProjections::among(
            subscriptions.projections(),
            ports.events.clone(),
            ports.read_models.clone(),
        );
        let end = match subscriptions.begin_at_the_end() {
            true => end_of_log(&*ports.events, self.config.view_timeout).await?,
            false => GlobalPosition::START,
        };
        let (subscriptions, handles) = subscriptions.ready();
        let core = Arc::new(Core {
            node: NodeId::new(format!("{}-{}", std::process::id(), MessageId::new())),
            executor: Executor {
                store: ports.events.clone(),
                appender: Appender::new(ports.events.clone()).with_beside(inline),
                queues: StreamQueues::new(),
                cache: StateCache::new(self.config.cached_aggregates),
                locks: ports.locks.clone(),
                conflict_attempts: self.config.conflict_attempts,
            },
            ports,
            registry: self.registry,
            failures: Arc::new(Failures::told_to(self.failure_observers)),
            clock: self.clock,
            randomness: self.randomness,
            config: self.config,
            modules: instances,
            subscriptions: handles,
            builds: Mutex::default(),
            indexes: BuiltIndexes::default(),
            upkeep: Notify::new(),
            dispatch_layers: self.dispatch_layers.stacked(CarryOut),
            delivery_layers: self.delivery_layers.stacked(Handle),
            firing: Firing::new(stored_commands, self.firing),
            door: Arc::new(Semaphore::new(MOST_COMMANDS as usize)),
            closing: AtomicBool::new(false),
        });
        let (stop, stopped) = watch::channel(false);
        refuse_changed_sagas(&core, subscriptions.sagas_of_steps(end)).await?;
        let mut tasks = subscriptions.run(&core, &stopped, end);
        let schedule = Runner::new(core.clone(), stopped.clone()).run();
        let schedule = ("the schedule".to_owned(), tokio::spawn(schedule));
        tasks.engines.push(schedule);
        let running = Arc::new(Running::new(stop, tasks, self.hooks, backend));
        Ok(App { core, running })
    }
}

async fn refuse_changed_sagas(core: &Core, sagas: Vec<LookedAt>) -> Result<(), StartError> {
    match saga::changed(core, sagas).await {
        Some(changed) if core.config.refuse_changed_sagas => {
            Err(StartError::ChangedSagas { changed })
        }
        Some(changed) => {
            warn!("{changed}");
            Ok(())
        }
        None => Ok(()),
    }
}

async fn end_of_log(
    events: &dyn EventStore,
    limit: Duration,
) -> Result<GlobalPosition, StartError> {
    let late = |_| {
        let source = format!("it took longer than {limit:?}").into();
        Err(ReadError::Unavailable { source })
    };
    let head = tokio::time::timeout(limit, events.head()).await;
    head.unwrap_or_else(late)
        .map_err(|source| StartError::Log { source })
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field(
                "modules",
                &self.modules.iter().map(|m| m.name).collect::<Vec<_>>(),
            )
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
