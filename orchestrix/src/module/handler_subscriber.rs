//! Event handlers: one event at a time, at least once, in the order of the log.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tracing::{Instrument, info_span};

use super::{EventContext, EventHandler};
use crate::app::Core;
use crate::error::BoxError;
use crate::store::{CheckpointStore, Filter, GlobalPosition, RecordedEvent};
use crate::subscription::{ConsumeError, Consumed, DeliveryTimeout, Subscriber, panic};
use crate::{telemetry, tenant};

/// Calls an `#[on]` method with each event, and keeps a checkpoint.
pub(crate) struct HandlerSubscriber {
    pub(crate) subscription: String,
    pub(crate) handler: EventHandler,
    pub(crate) checkpoints: Arc<dyn CheckpointStore>,
    pub(crate) core: Arc<Core>,
    pub(crate) stop: watch::Receiver<bool>,
    /// How long one event may take.
    pub(crate) timeout: Duration,
}

#[async_trait]
impl Subscriber for HandlerSubscriber {
    fn name(&self) -> &str {
        &self.subscription
    }

    fn filter(&self) -> Filter {
        Filter::all().event_types(self.handler.events.iter().map(|known| known.stored_name()))
    }

    async fn load_checkpoint(&self) -> Result<GlobalPosition, ConsumeError> {
        Ok(self.checkpoints.load_checkpoint(&self.subscription).await?)
    }

    async fn consume(
        &mut self,
        events: &[RecordedEvent],
        from: GlobalPosition,
        to: GlobalPosition,
    ) -> Result<Consumed, ConsumeError> {
        let mut consumed = Consumed { to, failure: None };
        let mut done = from;
        for recorded in events {
            if *self.stop.borrow() {
                consumed.to = done;
                break;
            }
            if let Err(error) = self.handle(recorded).await {
                consumed = Consumed {
                    to: done,
                    failure: Some(ConsumeError::event(recorded, error)),
                };
                break;
            }
            done = recorded.position;
        }
        if consumed.to > from {
            self.checkpoints
                .save_checkpoint(&self.subscription, from, consumed.to)
                .await?;
        }
        Ok(consumed)
    }
}

impl HandlerSubscriber {
    async fn handle(&self, recorded: &RecordedEvent) -> Result<(), BoxError> {
        let span = info_span!(
            telemetry::HANDLE_EVENT,
            { telemetry::SUBSCRIPTION } = self.subscription,
            { telemetry::EVENT_TYPE } = recorded.event_type(),
            { telemetry::POSITION } = recorded.position.get(),
        );
        let cx = EventContext::new(self.core.clone(), recorded.clone());
        let handled = async {
            match (self.handler.call)(recorded, &cx) {
                Some(called) => called?.await,
                None => Err("the store ignored the filter".into()),
            }
        };
        let handled = tenant::scope(recorded.stream.tenant().clone(), handled);
        let handled = panic::catch_in(handled).instrument(span);
        match tokio::time::timeout(self.timeout, handled).await {
            Ok(handled) => handled?,
            Err(_) => Err(DeliveryTimeout::new(self.timeout).into()),
        }
    }
}
