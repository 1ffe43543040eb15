//! The subscriptions of an application, from its modules to running tasks.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Core;
use crate::module::{EventHandler, HandlerSubscriber};
use crate::projection::ErasedProjection;
use crate::subscription::{Engine, StatusSender, Subscriber, SubscriptionStatus};

/// Subscriptions that run once the application is there.
#[derive(Default)]
pub(super) struct Subscriptions {
    planned: Vec<Planned>,
    statuses: HashMap<String, watch::Receiver<SubscriptionStatus>>,
}

struct Planned {
    name: String,
    status: StatusSender,
    source: Source,
}

enum Source {
    Projection(Box<dyn ErasedProjection>),
    Handler(EventHandler),
}

impl Subscriptions {
    pub(super) fn projection(&mut self, projection: Box<dyn ErasedProjection>) {
        let name = projection.info().subscription;
        self.plan(name, Source::Projection(projection));
    }

    pub(super) fn handler(&mut self, module: &str, handler: EventHandler) {
        self.plan(handler.subscription(module), Source::Handler(handler));
    }

    /// Where each of them is, by name.
    pub(super) fn statuses(&self) -> HashMap<String, watch::Receiver<SubscriptionStatus>> {
        self.statuses.clone()
    }

    /// Runs each as a task, until it is told to stop.
    pub(super) fn run(
        self,
        core: &Arc<Core>,
        stop: &watch::Receiver<bool>,
    ) -> Vec<(String, JoinHandle<()>)> {
        let run = |planned: Planned| {
            let (subscriber, page): (Box<dyn Subscriber>, usize) = match planned.source {
                Source::Projection(projection) => (
                    projection.subscriber(core.ports.read_models.clone()),
                    core.config.projection_page,
                ),
                Source::Handler(handler) => (
                    Box::new(HandlerSubscriber {
                        subscription: planned.name.clone(),
                        handler,
                        checkpoints: core.ports.checkpoints.clone(),
                        core: core.clone(),
                        stop: stop.clone(),
                    }),
                    core.config.handler_page,
                ),
            };
            let engine = Engine {
                store: core.ports.events.clone(),
                subscriber,
                status: planned.status,
                stop: stop.clone(),
                page,
            };
            (planned.name, tokio::spawn(engine.run()))
        };
        self.planned.into_iter().map(run).collect()
    }

    fn plan(&mut self, name: String, source: Source) {
        let (status, receiver) = StatusSender::new(name.clone());
        self.statuses.insert(name.clone(), receiver);
        self.planned.push(Planned {
            name,
            status,
            source,
        });
    }
}
