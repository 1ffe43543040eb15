//! Sagas with their types erased, as the registry and the subscriptions know them.

use std::marker::PhantomData;
use std::sync::Arc;

use tokio::sync::watch;

use super::event::{self, SagaEvent};
use super::steps::{Steps, filter};
use super::subscriber::SagaSubscriber;
use super::{Graph, GraphError, Saga, SagaRecord};
use crate::app::Core;
use crate::message::{Event, EventType};
use crate::projection::{self, ErasedProjection};
use crate::store::{Filter, GlobalPosition, Lane, MAX_LANES, RecordedEvent, StreamId};
use crate::subscription::{LanedCheckpoint, Subscriber};

/// A saga, as the registry lists it.
#[derive(Debug, Clone)]
pub(crate) struct SagaInfo {
    pub(crate) name: &'static str,
    pub(crate) subscription: String,
    pub(crate) rust_type: &'static str,
    /// Those that start it.
    pub(crate) events: Vec<&'static EventType>,
    pub(crate) graph: Result<Graph, GraphError>,
}

/// The name of a saga's subscription.
pub(crate) fn subscription(saga: &str) -> String {
    format!("saga.{saga}")
}

/// The types of the events in the streams of sagas.
pub(crate) fn history_types() -> Vec<&'static EventType> {
    SagaEvent::types()
}

/// The read model of all instances.
pub(crate) fn records() -> Box<dyn ErasedProjection> {
    Box::new(projection::Erased::<SagaRecord>::new())
}

pub(crate) trait ErasedSaga: Send + Sync {
    fn info(&self) -> SagaInfo;
    fn filter(&self) -> Filter;
    /// How many lanes its subscription can have.
    fn most_lanes(&self) -> u16 {
        MAX_LANES
    }
    /// The stream of the instance that an event starts, if it starts one of steps.
    fn instance(&self, _: &RecordedEvent) -> Option<StreamId> {
        None
    }
    /// What runs its instances, with its own graph.
    fn subscriber(
        &self,
        core: &Arc<Core>,
        graph: Graph,
        lane: Option<Lane>,
        stop: watch::Receiver<bool>,
    ) -> Box<dyn Subscriber>;
}

pub(crate) struct Erased<S> {
    /// No event behind this position starts an instance.
    until: Option<GlobalPosition>,
    saga: PhantomData<fn() -> S>,
}

impl<S: Saga> Erased<S> {
    pub(crate) fn new(until: Option<GlobalPosition>) -> Self {
        let saga = PhantomData;
        Self { until, saga }
    }
}

impl<S: Saga> ErasedSaga for Erased<S> {
    fn info(&self) -> SagaInfo {
        SagaInfo {
            name: S::NAME,
            subscription: subscription(S::NAME),
            rust_type: std::any::type_name::<S>(),
            events: S::Start::types(),
            graph: Graph::new(S::STEPS),
        }
    }

    fn filter(&self) -> Filter {
        filter::<S>()
    }

    fn instance(&self, event: &RecordedEvent) -> Option<StreamId> {
        let start = S::Start::decode(&event.data)?.ok()?;
        event::stream_of(S::NAME, &S::key(&start), event.stream.tenant()).ok()
    }

    fn subscriber(
        &self,
        core: &Arc<Core>,
        graph: Graph,
        lane: Option<Lane>,
        stop: watch::Receiver<bool>,
    ) -> Box<dyn Subscriber> {
        let checkpoints = core.ports.checkpoints.clone();
        let checkpoint = LanedCheckpoint::new(subscription(S::NAME), lane, checkpoints);
        let steps = Steps::<S>::new(core.clone(), graph, self.until, stop.clone());
        let at_once = core.config.sagas_at_once;
        Box::new(SagaSubscriber::new(steps, checkpoint, at_once, stop))
    }
}
