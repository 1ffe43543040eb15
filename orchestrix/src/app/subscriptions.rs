//! The subscriptions of an application, from its modules to running tasks.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{Config, Core};
use crate::module::{EventHandler, HandlerSubscriber};
use crate::projection::ErasedProjection;
use crate::registry::Problem;
use crate::store::{DeadLetterStore, Filter, GlobalPosition, Ports};
use crate::subscription::{
    Control, Delivery, Engine, Parked, StartFrom, StatusSender, Subscriber, SubscriptionStatus,
    Told, UnknownSubscription,
};

/// Subscriptions that run once the application is there.
#[derive(Default)]
pub(super) struct Subscriptions {
    planned: Vec<Planned>,
    handles: HashMap<String, SubscriptionHandle>,
}

/// The app's end of a running subscription.
#[derive(Debug, Clone)]
pub(crate) struct SubscriptionHandle {
    pub(crate) status: watch::Receiver<SubscriptionStatus>,
    pub(crate) control: Control,
    source: Source,
}

struct Planned {
    name: String,
    status: StatusSender,
    told: watch::Receiver<Told>,
    delivery: Delivery,
    source: Source,
}

/// What consumes the events.
#[derive(Clone)]
enum Source {
    Projection(Arc<dyn ErasedProjection>),
    Handler(EventHandler),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Projection(projection) => projection.info().fmt(f),
            Self::Handler(handler) => handler.fmt(f),
        }
    }
}

impl Source {
    fn subscriber(
        &self,
        name: &str,
        core: &Arc<Core>,
        stop: watch::Receiver<bool>,
        timeout: Duration,
    ) -> Box<dyn Subscriber> {
        match self {
            Self::Projection(projection) => projection.subscriber(core.ports.read_models.clone()),
            Self::Handler(handler) => Box::new(HandlerSubscriber {
                subscription: name.to_owned(),
                handler: handler.clone(),
                checkpoints: core.ports.checkpoints.clone(),
                core: core.clone(),
                stop,
                timeout,
            }),
        }
    }

    /// The events it wants.
    fn filter(&self) -> Filter {
        match self {
            Self::Projection(projection) => projection.filter(),
            Self::Handler(handler) => handler.filter(),
        }
    }

    /// Where its dead letters are: beside its checkpoint.
    fn letters(&self, ports: &Ports) -> Arc<dyn DeadLetterStore> {
        match self {
            Self::Projection(_) => ports.read_models.clone(),
            Self::Handler(_) => ports.checkpoints.clone(),
        }
    }

    fn page(&self, config: &Config) -> usize {
        match self {
            Self::Projection(_) => config.projection_page,
            Self::Handler(_) => config.handler_page,
        }
    }
}

impl SubscriptionHandle {
    /// The events it wants.
    pub(super) fn filter(&self) -> Filter {
        self.source.filter()
    }

    /// Where its dead letters are.
    pub(super) fn letters(&self, ports: &Ports) -> Arc<dyn DeadLetterStore> {
        self.source.letters(ports)
    }

    /// Another one that consumes as the running one does, to rehearse.
    pub(super) fn rehearsal(&self, name: &str, core: &Arc<Core>) -> Box<dyn Subscriber> {
        let (_, stop) = watch::channel(false);
        // Nothing is delivered, so no delivery takes long.
        self.source.subscriber(name, core, stop, Duration::ZERO)
    }
}

impl Subscriptions {
    pub(super) fn projection(&mut self, projection: Box<dyn ErasedProjection>) {
        let name = projection.info().subscription;
        self.plan(name, Source::Projection(projection.into()));
    }

    pub(super) fn handler(&mut self, module: &str, handler: EventHandler) {
        self.plan(handler.subscription(module), Source::Handler(handler));
    }

    /// Each of them, by name.
    pub(super) fn handles(&self) -> HashMap<String, SubscriptionHandle> {
        self.handles.clone()
    }

    /// Has subscriptions delivered to in other ways than the usual one; says which of the names is none of theirs.
    pub(super) fn deliver(&mut self, deliveries: BTreeMap<String, Delivery>) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (name, delivery) in deliveries {
            match self.planned.iter_mut().find(|planned| planned.name == name) {
                Some(planned) => planned.delivery = delivery,
                None => {
                    let source = UnknownSubscription::new(&name, self.handles.keys());
                    problems.push(Problem::UnknownSubscription { source });
                }
            }
        }
        problems
    }

    /// Whether any of them begins where the log ends.
    pub(super) fn begin_at_the_end(&self) -> bool {
        let mut starts = self.planned.iter().map(|planned| planned.delivery.start);
        starts.any(|start| start == StartFrom::End)
    }

    /// Runs each as a task, until it is told to stop. `end` is where the log ends, if any begins there.
    pub(super) fn run(
        self,
        core: &Arc<Core>,
        stop: &watch::Receiver<bool>,
        end: GlobalPosition,
    ) -> Vec<(String, JoinHandle<()>)> {
        let run = |planned: Planned| {
            let source = &planned.source;
            let timeout = planned.delivery.timeout;
            let engine = Engine {
                store: core.ports.events.clone(),
                subscriber: source.subscriber(&planned.name, core, stop.clone(), timeout),
                status: planned.status,
                stop: stop.clone(),
                told: planned.told,
                start: match planned.delivery.start {
                    StartFrom::Beginning => GlobalPosition::START,
                    StartFrom::End => end,
                    StartFrom::After(position) => position,
                },
                delivery: planned.delivery,
                random: core.randomness.clone(),
                page: source.page(&core.config),
                clock: core.clock.clone(),
                letters: source.letters(&core.ports),
                parked: Parked::default(),
            };
            (planned.name, tokio::spawn(engine.run()))
        };
        self.planned.into_iter().map(run).collect()
    }

    fn plan(&mut self, name: String, source: Source) {
        let (status, receiver) = StatusSender::new(name.clone());
        let (control, told) = Control::new();
        let handle = SubscriptionHandle {
            status: receiver,
            control,
            source: source.clone(),
        };
        self.handles.insert(name.clone(), handle);
        self.planned.push(Planned {
            name,
            status,
            told,
            delivery: Delivery::default(),
            source,
        });
    }
}
