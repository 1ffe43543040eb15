//! Building and starting an application.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};

use super::core::MOST_COMMANDS;
use super::{App, Core, Running};
use crate::aggregate::{Executor, StateCache, StreamQueues};
use crate::clock::{Clock, SystemClock};
use crate::message::Event;
use crate::module::{EventHandler, Module, Parts};
use crate::projection::ErasedProjection;
use crate::registry::{HandlerInfo, ModuleInfo, Problems, Registry};
use crate::store::{Appender, Backend, CheckpointStore, EventStore, Ports, ReadModelStore};
use crate::subscription::{Consumer, Engine, HandlerConsumer, ProgressSender};

/// The way in: [`Orchestrix::builder`].
#[derive(Debug, Clone, Copy)]
pub struct Orchestrix;

impl Orchestrix {
    /// An application to be. It needs a store and modules.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

/// The limits of an application. Every field is read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// How long a command may take, unless its dispatch says otherwise. 30 s.
    pub dispatch_timeout: Duration,
    /// How long a query waits for a read model to be as fresh as asked for, unless it says otherwise. 10 s.
    pub view_timeout: Duration,
    /// How long each step of a shutdown may take. 10 s.
    pub shutdown_timeout: Duration,
    /// How many times a command is decided while others, on other nodes, write to its stream in between; at least 1.
    /// 1,000: on a hot stream shared by many nodes some commands meet hundreds of conflicts in a row, and the time
    /// limit of the dispatch holds all the same.
    pub conflict_attempts: u32,
    /// How many aggregates are kept in memory between commands; 0 for none. 10,000.
    pub cached_aggregates: usize,
    /// How many events a subscription reads and commits at once, 1 to 1,000. 1,000 for projections.
    pub projection_page: usize,
    /// How many events an event handler reads before its checkpoint moves, 1 to 1,000: what may come again after a
    /// crash. 100.
    pub handler_page: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            dispatch_timeout: Duration::from_secs(30),
            view_timeout: Duration::from_secs(10),
            shutdown_timeout: Duration::from_secs(10),
            conflict_attempts: 1_000,
            cached_aggregates: 10_000,
            projection_page: 1_000,
            handler_page: 100,
        }
    }
}

impl Config {
    /// The defaults, to change fields of.
    pub fn new() -> Self {
        Self::default()
    }
}

/// Collects what an application consists of; [`start`](Builder::start) checks all of it and runs it.
#[must_use = "an application runs once it is started"]
pub struct Builder {
    backend: Option<Arc<dyn Backend>>,
    replaced: Vec<Replacement>,
    modules: Vec<Registered>,
    registry: Registry,
    clock: Arc<dyn Clock>,
    config: Config,
}

/// Puts one port in the place of the backend's.
type Replacement = Box<dyn FnOnce(&mut Ports) + Send>;

struct Registered {
    name: &'static str,
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
            #[cfg(feature = "auto-register")]
            registry: Registry::linked(),
            #[cfg(not(feature = "auto-register"))]
            registry: Registry::empty(),
            clock: Arc::new(SystemClock),
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

    /// A module with all of its parts.
    pub fn module<M: Module>(mut self, module: M) -> Self {
        let module = Arc::new(module);
        let mut parts = Parts::default();
        module.clone().register(&mut parts);
        self.modules.push(Registered {
            name: module.name(),
            type_id: TypeId::of::<M>(),
            instance: module,
            parts,
        });
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
        check(&self.config)?;
        let backend = self.backend.take().ok_or(StartError::NoStore)?;
        let mut ports = backend.ports();
        for replace in self.replaced.drain(..) {
            replace(&mut ports);
        }
        let mut instances = HashMap::new();
        let mut projections = Vec::new();
        let mut handlers = Vec::new();
        for module in self.modules {
            instances.insert(module.type_id, module.instance);
            self.registry.register(module.name, &module.parts);
            projections.extend(module.parts.projections);
            let named = |handler: EventHandler| (subscription_name(module.name, &handler), handler);
            handlers.extend(module.parts.handlers.into_iter().map(named));
        }
        if let Err(problems) = self.registry.verify() {
            return Err(StartError::Problems(problems));
        }
        let subscriptions = Subscriptions::new(&projections, &handlers);
        let core = Arc::new(Core {
            executor: Executor {
                store: ports.events.clone(),
                appender: Appender::new(ports.events.clone()),
                queues: StreamQueues::new(),
                cache: StateCache::new(self.config.cached_aggregates),
                conflict_attempts: self.config.conflict_attempts,
            },
            ports,
            registry: self.registry,
            clock: self.clock,
            config: self.config,
            modules: instances,
            progress: subscriptions.receivers,
            door: Arc::new(Semaphore::new(MOST_COMMANDS as usize)),
            closing: AtomicBool::new(false),
        });
        let (stop, stopped) = watch::channel(false);
        let mut senders = subscriptions.senders.into_iter();
        let mut tasks = Vec::new();
        let mut run = |consumer: Box<dyn Consumer>, page: usize| {
            // One sender was made for each consumer, in this order.
            if let Some(progress) = senders.next() {
                let name = consumer.name().to_owned();
                let engine = Engine {
                    store: core.ports.events.clone(),
                    consumer,
                    progress,
                    stop: stopped.clone(),
                    page,
                };
                tasks.push((name, tokio::spawn(engine.run())));
            }
        };
        for projection in &projections {
            run(
                projection.consumer(core.ports.read_models.clone()),
                core.config.projection_page,
            );
        }
        for (subscription, handler) in handlers {
            let consumer = HandlerConsumer {
                subscription,
                handler,
                checkpoints: core.ports.checkpoints.clone(),
                core: core.clone(),
                stop: stopped.clone(),
            };
            run(Box::new(consumer), core.config.handler_page);
        }
        let running = Arc::new(Running::new(stop, tasks, backend));
        Ok(App { core, running })
    }
}

/// The progress of each subscription to be.
struct Subscriptions {
    senders: Vec<ProgressSender>,
    receivers: HashMap<String, watch::Receiver<crate::subscription::Progress>>,
}

impl Subscriptions {
    fn new(projections: &[Box<dyn ErasedProjection>], handlers: &[(String, EventHandler)]) -> Self {
        let names = projections
            .iter()
            .map(|projection| projection.info().subscription);
        let names = names.chain(handlers.iter().map(|(name, _)| name.clone()));
        let (mut senders, mut receivers) = (Vec::new(), HashMap::new());
        for name in names {
            let (sender, receiver) = ProgressSender::new();
            senders.push(sender);
            receivers.insert(name, receiver);
        }
        Self { senders, receivers }
    }
}

fn subscription_name(module: &str, handler: &EventHandler) -> String {
    format!("{module}.{}", handler.name)
}

impl Registry {
    fn register(&mut self, name: &'static str, parts: &Parts) {
        self.aggregate_types
            .extend(parts.aggregates.iter().map(|(type_id, _)| *type_id));
        let handlers = parts.handlers.iter().map(|handler| HandlerInfo {
            subscription: subscription_name(name, handler),
            events: handler.events.clone(),
        });
        self.module(ModuleInfo {
            name,
            aggregates: parts
                .aggregates
                .iter()
                .map(|(_, info)| info.clone())
                .collect(),
            projections: parts
                .projections
                .iter()
                .map(|projection| projection.info())
                .collect(),
            handlers: handlers.collect(),
            commands: parts.commands.iter().map(|(_, info)| *info).collect(),
        });
    }
}

fn check(config: &Config) -> Result<(), StartError> {
    let page = |field, value: usize| match (1..=crate::store::MAX_PAGE).contains(&value) {
        true => Ok(()),
        false => Err(StartError::Config {
            field,
            value: value.to_string(),
            allowed: "1 to 1,000",
        }),
    };
    if config.conflict_attempts == 0 {
        return Err(StartError::Config {
            field: "conflict_attempts",
            value: "0".to_owned(),
            allowed: "1 or more",
        });
    }
    page("projection_page", config.projection_page)?;
    page("handler_page", config.handler_page)
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

/// Why an application did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// No store was named.
    #[error("the app has no store: name one with `.store(..)`, `MemoryStore::new()` for instance")]
    NoStore,
    /// What was registered does not fit together.
    #[error(transparent)]
    Problems(Problems),
    /// A limit is out of range.
    #[error("config field `{field}` is {value}, allowed is {allowed}")]
    Config {
        /// Which.
        field: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        allowed: &'static str,
    },
}
