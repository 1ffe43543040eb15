//! Sagas of reactions with their types erased.

use std::marker::PhantomData;
use std::sync::Arc;

use tokio::sync::watch;

use super::Reacting;
use super::serve::{Reacts, filter};
use crate::app::Core;
use crate::message::Event;
use crate::saga::subscriber::SagaSubscriber;
use crate::saga::{ErasedSaga, Graph, SagaInfo, subscription};
use crate::store::{Filter, Lane};
use crate::subscription::{LanedCheckpoint, Subscriber};

pub(crate) struct ErasedReacting<S>(PhantomData<fn() -> S>);

impl<S: Reacting> ErasedReacting<S> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<S: Reacting> ErasedSaga for ErasedReacting<S> {
    fn info(&self) -> SagaInfo {
        SagaInfo {
            name: S::NAME,
            subscription: subscription(S::NAME),
            rust_type: std::any::type_name::<S>(),
            events: S::Event::types(),
            graph: Ok(Graph::WITHOUT_STEPS),
        }
    }

    fn filter(&self) -> Filter {
        filter::<S>()
    }

    fn most_lanes(&self) -> u16 {
        // The events of an instance are in many streams, and come in their order.
        1
    }

    fn subscriber(
        &self,
        core: &Arc<Core>,
        _: Graph,
        lane: Option<Lane>,
        stop: watch::Receiver<bool>,
    ) -> Box<dyn Subscriber> {
        let checkpoints = core.ports.checkpoints.clone();
        let checkpoint = LanedCheckpoint::new(subscription(S::NAME), lane, checkpoints);
        let reacts = Reacts::<S>::new(core.clone(), stop.clone());
        let at_once = core.config.sagas_at_once;
        Box::new(SagaSubscriber::new(reacts, checkpoint, at_once, stop))
    }
}
