//! The subscriptions of an application, from its modules to running tasks.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::upkeep::Upkeep;
use super::{Config, Core};
use crate::module::{EventHandler, HandlerSubscriber, OwnSubscription};
use crate::projection::{ErasedProjection, ErasedTables, Tables};
use crate::registry::Problem;
use crate::saga::{ErasedSaga, Graph, LookedAt};
use crate::store::{
    Backend, DeadLetterStore, Filter, GlobalPosition, Lane, LeaseStore, MAX_LANES, NodeId, Ports,
};
use crate::subscription::{
    Control, Coordinator, Delivery, Engine, LanedCheckpoint, LeaseEnd, OtherCheckpoints, Parked,
    StartFrom, StatusSender, Subscriber, SubscriptionStatus, Told, UnknownSubscription,
};

/// Subscriptions that an application is to have.
#[derive(Default)]
pub(super) struct Subscriptions {
    planned: Vec<Planned>,
}

/// Subscriptions that run once the application is there.
pub(super) struct ReadySubscriptions {
    ready: Vec<Ready>,
}

/// The app's end of a running subscription.
#[derive(Debug, Clone)]
pub(crate) struct SubscriptionHandle {
    pub(crate) status: watch::Receiver<SubscriptionStatus>,
    pub(crate) control: Control,
    source: Source,
    /// How long the delivery of an event may take.
    /// How long one event may take.
    timeout: Duration,
}

/// Running subscriptions, by what they are called where they do not end.
#[derive(Debug)]
pub(super) struct SubscriptionTasks {
    pub(super) engines: Vec<(String, JoinHandle<()>)>,
    /// They end once the engines have, and give the leases back.
    pub(super) leases: Vec<(String, JoinHandle<()>)>,
}

struct Planned {
    name: String,
    delivery: Delivery,
    source: Source,
}

struct Ready {
    planned: Planned,
    told: watch::Receiver<Told>,
    /// One for each lane.
    statuses: Vec<StatusSender>,
}

/// What consumes the events.
#[derive(Clone)]
enum Source {
    Projection(Arc<dyn ErasedProjection>),
    Tables(Arc<dyn Tables>),
    Saga(Arc<dyn ErasedSaga>, Graph),
    Handler(Box<EventHandler>),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Projection(projection) => projection.info().fmt(f),
            Self::Tables(tables) => tables.info().fmt(f),
            Self::Handler(handler) => handler.fmt(f),
            Self::Saga(saga, _) => saga.info().fmt(f),
        }
    }
}

impl Source {
    fn subscriber(
        &self,
        name: &str,
        lane: Option<Lane>,
        core: &Arc<Core>,
        stop: watch::Receiver<bool>,
        timeout: Duration,
    ) -> Box<dyn Subscriber> {
        match self {
            Self::Projection(projection) => projection.subscriber(core.ports.read_models.clone()),
            Self::Tables(tables) => tables.subscriber(timeout, stop),
            Self::Handler(handler) => Box::new(HandlerSubscriber {
                checkpoint: LanedCheckpoint::new(
                    name.to_owned(),
                    lane,
                    core.ports.checkpoints.clone(),
                ),
                handler: EventHandler::clone(handler),
                core: core.clone(),
                stop,
                timeout,
            }),
            Self::Saga(saga, graph) => saga.subscriber(core, *graph, lane, stop),
        }
    }

    /// The events it wants.
    fn filter(&self) -> Filter {
        match self {
            Self::Projection(projection) => projection.filter(),
            Self::Tables(tables) => tables.filter(),
            Self::Handler(handler) => handler.filter(),
            Self::Saga(saga, _) => saga.filter(),
        }
    }

    /// Where its leases are: beside its checkpoint.
    fn leases(&self, ports: &Ports) -> Arc<dyn LeaseStore> {
        match self {
            Self::Projection(_) => ports.read_models.clone(),
            Self::Tables(tables) => tables.ports().read_models.clone(),
            Self::Handler(_) | Self::Saga(..) => ports.checkpoints.clone(),
        }
    }

    /// Where its dead letters are: beside its checkpoint.
    fn letters(&self, ports: &Ports) -> Arc<dyn DeadLetterStore> {
        match self {
            Self::Projection(_) => ports.read_models.clone(),
            Self::Tables(tables) => tables.ports().read_models.clone(),
            Self::Handler(_) | Self::Saga(..) => ports.checkpoints.clone(),
        }
    }

    fn page(&self, config: &Config) -> usize {
        match self {
            Self::Projection(_) | Self::Tables(_) => config.projection_page,
            Self::Handler(_) => config.handler_page,
            Self::Saga(..) => config.projection_page,
        }
    }
}

impl SubscriptionHandle {
    /// The events it wants.
    pub(super) fn filter(&self) -> Filter {
        self.source.filter()
    }

    pub(super) fn is_projection(&self) -> bool {
        matches!(self.source, Source::Projection(_))
    }

    /// The projection with tables of its own, if it is one.
    pub(super) fn tables(&self) -> Option<&dyn Tables> {
        match &self.source {
            Source::Tables(tables) => Some(&**tables),
            Source::Projection(_) | Source::Handler(_) | Source::Saga(..) => None,
        }
    }

    /// How long its projection or handler may take at a time.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// What it calls with each event, and how long that may take; none where it is a projection.
    pub(super) fn handler(&self) -> Option<(&EventHandler, Duration)> {
        match &self.source {
            Source::Projection(_) | Source::Tables(_) | Source::Saga(..) => None,
            Source::Handler(handler) => Some((handler, self.timeout)),
        }
    }

    /// Where its dead letters are.
    pub(super) fn letters(&self, ports: &Ports) -> Arc<dyn DeadLetterStore> {
        self.source.letters(ports)
    }

    /// Another one that consumes as the running one does, to rehearse.
    pub(super) fn rehearsal(&self, name: &str, core: &Arc<Core>) -> Box<dyn Subscriber> {
        let (_, stop) = watch::channel(false);
        self.source.subscriber(name, None, core, stop, self.timeout)
    }
}

impl Subscriptions {
    pub(super) fn projection(&mut self, projection: Box<dyn ErasedProjection>) {
        let name = projection.info().subscription;
        self.plan(name, Source::Projection(projection.into()));
    }

    /// Those of documents.
    pub(super) fn projections(&self) -> impl Iterator<Item = Arc<dyn ErasedProjection>> + '_ {
        self.planned
            .iter()
            .filter_map(|planned| match &planned.source {
                Source::Projection(projection) => Some(projection.clone()),
                Source::Tables(_) | Source::Saga(..) | Source::Handler(_) => None,
            })
    }

    /// What is wrong with inline projections where read models are elsewhere than the log.
    pub(super) fn inline_elsewhere(&self) -> Vec<Problem> {
        let inline = self
            .projections()
            .map(|projection| projection.info())
            .filter(|info| info.inline.is_some());
        inline
            .map(|info| Problem::InlineElsewhere {
                projection: info.subscription,
            })
            .collect()
    }

    /// A projection with tables of its own; says if the app's store is none that it can be on.
    pub(super) fn tables(
        &mut self,
        tables: &dyn ErasedTables,
        backend: &Arc<dyn Backend>,
        ports: &Ports,
    ) -> Option<Problem> {
        let name = tables.info().subscription;
        match tables.on(backend.clone(), ports) {
            Ok(tables) => {
                self.plan(name, Source::Tables(tables.into()));
                None
            }
            Err(wrong) => Some(Problem::WrongStore {
                projection: name,
                wanted: wrong.wanted,
                used: backend.name(),
            }),
        }
    }

    pub(super) fn handler(&mut self, module: &str, handler: EventHandler) {
        self.plan(
            handler.subscription(module),
            Source::Handler(handler.into()),
        );
    }

    /// A saga; says if its steps do not fit together.
    pub(super) fn saga(&mut self, saga: Box<dyn ErasedSaga>) -> Option<Problem> {
        let info = saga.info();
        match info.graph {
            Ok(graph) => {
                self.plan(info.subscription, Source::Saga(saga.into(), graph));
                None
            }
            Err(source) => Some(Problem::InvalidSaga {
                saga: info.name,
                source,
            }),
        }
    }

    /// One of the user's own; says what is wrong with its delivery.
    pub(super) fn own(&mut self, subscription: OwnSubscription) -> Option<Problem> {
        let planned = Planned {
            name: subscription.name,
            delivery: subscription.delivery,
            source: Source::Handler(subscription.handler.into()),
        };
        let problem = planned.lanes_problem(&planned.delivery);
        self.planned.push(planned);
        problem
    }

    /// Has subscriptions delivered to in other ways than the usual one; says which of the names is none of theirs.
    pub(super) fn deliver(&mut self, deliveries: BTreeMap<String, Delivery>) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (name, delivery) in deliveries {
            match self.planned.iter_mut().find(|planned| planned.name == name) {
                Some(planned) => {
                    problems.extend(planned.lanes_problem(&delivery));
                    planned.delivery = delivery;
                }
                None => {
                    let known = self.planned.iter().map(|planned| &planned.name);
                    let source = UnknownSubscription::new(&name, known);
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

    /// Ready to run, and the app's ends of them, by name.
    pub(super) fn ready(self) -> (ReadySubscriptions, HashMap<String, SubscriptionHandle>) {
        let mut handles = HashMap::new();
        let ready = self.planned.into_iter().map(|planned| {
            let (statuses, status) = StatusSender::of_lanes(&planned.name, planned.delivery.lanes);
            let (control, told) = Control::new();
            let handle = SubscriptionHandle {
                status,
                control,
                source: planned.source.clone(),
                timeout: planned.delivery.timeout,
            };
            handles.insert(planned.name.clone(), handle);
            Ready {
                planned,
                told,
                statuses,
            }
        });
        let ready = ready.collect();
        (ReadySubscriptions { ready }, handles)
    }

    fn plan(&mut self, name: String, source: Source) {
        self.planned.push(Planned {
            name,
            delivery: Delivery::default(),
            source,
        });
    }
}

impl Planned {
    fn lanes_problem(&self, delivery: &Delivery) -> Option<Problem> {
        let most = match &self.source {
            Source::Projection(_) | Source::Tables(_) => 1,
            Source::Saga(saga, _) => saga.most_lanes(),
            Source::Handler(_) => MAX_LANES,
        };
        let is_good = (1..=most).contains(&delivery.lanes);
        (!is_good).then(|| Problem::Lanes {
            subscription: self.name.clone(),
            lanes: delivery.lanes,
            most,
        })
    }
}

/// Those who keep the leases in each of the stores, and the stores they are in.
type Coordinators = Vec<(Arc<dyn LeaseStore>, Coordinator)>;

impl ReadySubscriptions {
    /// The sagas whose steps may have changed under instances that are under way. `end` is where the log ends, if any begins
    /// there.
    pub(super) fn sagas_of_steps(&self, end: GlobalPosition) -> Vec<LookedAt> {
        let planned = self.ready.iter().map(|ready| &ready.planned);
        let sagas = planned.filter_map(|planned| match &planned.source {
            Source::Saga(saga, graph) if !graph.steps().is_empty() => Some(LookedAt {
                saga: saga.clone(),
                graph: *graph,
                start: planned.start(end),
            }),
            _ => None,
        });
        sagas.collect()
    }

    /// Runs each lane of each as a task, until it is told to stop, and what keeps their leases and their read models. `end`
    /// is where the log ends, if any begins there.
    pub(super) fn run(
        self,
        core: &Arc<Core>,
        stop: &watch::Receiver<bool>,
        end: GlobalPosition,
    ) -> SubscriptionTasks {
        let mut coordinators = Coordinators::new();
        let mut engines = Vec::new();
        let mut projections = Vec::new();
        let mut upkeep = None;
        for ready in self.ready {
            let Ready {
                planned,
                told,
                statuses,
            } = ready;
            let coordinator = coordinator(&mut coordinators, &planned.source, core, stop);
            if !matches!(planned.source, Source::Handler(_)) {
                if let Source::Projection(projection) = &planned.source {
                    projections.push((projection.clone(), planned.delivery.clone()));
                }
                upkeep = Some((coordinator.units().clone(), coordinator.seen()));
            }
            let lanes = planned.delivery.lanes;
            for (status, lane) in statuses.into_iter().zip(Lane::all(lanes)) {
                let lane = (lanes > 1).then_some(lane);
                let lease = coordinator.units().add(&planned.name, lane);
                let engine = planned.engine(core, stop, (status, told.clone()), (lane, lease), end);
                let what = match lane {
                    None => format!("subscription `{}`", planned.name),
                    Some(lane) => format!("lane {lane} of subscription `{}`", planned.name),
                };
                engines.push((what, engine));
            }
        }
        let leases = coordinators.into_iter().map(|(_, each)| each.run());
        let leases = leases.map(|run| ("the leases".to_owned(), tokio::spawn(run)));
        let leases = leases.collect();
        let engines = engines.into_iter();
        let mut engines: Vec<_> = engines
            .map(|(what, engine)| (what, tokio::spawn(engine.run())))
            .collect();
        if let Some((units, seen)) = upkeep {
            let upkeep = Upkeep::new(core.clone(), stop.clone(), projections, units, seen);
            let what = "the upkeep of the read models".to_owned();
            engines.push((what, tokio::spawn(upkeep.run())));
        }
        SubscriptionTasks { leases, engines }
    }
}

impl Planned {
    /// Where it begins as long as it has no checkpoint.
    fn start(&self, end: GlobalPosition) -> GlobalPosition {
        match self.delivery.start {
            StartFrom::Beginning => GlobalPosition::START,
            StartFrom::End => end,
            StartFrom::After(position) => position,
        }
    }

    fn engine(
        &self,
        core: &Arc<Core>,
        stop: &watch::Receiver<bool>,
        (status, told): (StatusSender, watch::Receiver<Told>),
        (lane, lease): (Option<Lane>, LeaseEnd),
        end: GlobalPosition,
    ) -> Engine {
        let source = &self.source;
        let delivery = self.delivery.clone();
        Engine {
            store: core.ports.events.clone(),
            subscriber: source.subscriber(&self.name, lane, core, stop.clone(), delivery.timeout),
            status,
            stop: stop.clone(),
            told,
            start: self.start(end),
            delivery,
            random: core.randomness.clone(),
            page: source.page(&core.config),
            rest: core.config.checkpointing_timeout,
            clock: core.clock.clone(),
            letters: source.letters(&core.ports),
            parked: Parked::default(),
            failures: core.failures.clone(),
            lane,
            lease,
            held: None,
            ahead: None,
            elsewhere: OtherCheckpoints::default(),
            at_head: false,
        }
    }
}

/// Who keeps the leases that are in the same store as this one's.
fn coordinator<'a>(
    coordinators: &'a mut Coordinators,
    source: &Source,
    core: &Arc<Core>,
    stop: &watch::Receiver<bool>,
) -> &'a mut Coordinator {
    let store = source.leases(&core.ports);
    let known = coordinators
        .iter()
        .position(|(known, _)| std::ptr::addr_eq(Arc::as_ptr(known), Arc::as_ptr(&store)));
    let at = known.unwrap_or_else(|| {
        // Two stores may be two faces of one database, and there a node has one list of what it wants.
        let node = match coordinators.len() {
            0 => core.node.clone(),
            n => NodeId::new(format!("{}-{n}", core.node)),
        };
        let coordinator = Coordinator::new(
            store.clone(),
            core.ports.locks.clone(),
            node,
            core.config.lease_duration,
            stop.clone(),
        );
        coordinators.push((store, coordinator));
        coordinators.len() - 1
    });
    &mut coordinators[at].1
}
