//! Event handlers: one event at a time, at least once, in the order of the log.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tracing::{Instrument, info_span};

use super::{EventContext, EventHandler, HandlerCall};
use crate::app::Core;
use crate::error::BoxError;
use crate::middleware::DeliveryCall;
use crate::store::{CheckpointStore, Filter, GlobalPosition, Lane, RecordedEvent};
use crate::subscription::{Batch, ConsumeError, Consumed, DeliveryTimeout, Subscriber, panic};
use crate::{telemetry, tenant};

/// The filter asks for the handler's own types only.
const FILTER_IGNORED: &str = "the store ignored the filter";

/// Calls an `#[on]` method with each event, and keeps a checkpoint.
pub(crate) struct HandlerSubscriber {
    pub(crate) subscription: String,
    /// Its part of the streams; none where it has all.
    pub(crate) lane: Option<Lane>,
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
        self.handler.filter()
    }

    async fn load_checkpoint(&mut self) -> Result<GlobalPosition, ConsumeError> {
        let name = match self.lane {
            None => Cow::Borrowed(&self.subscription),
            Some(lane) => Cow::Owned(lane.checkpoint(&self.subscription)),
        };
        Ok(self.checkpoints.load_checkpoint(&name).await?)
    }

    async fn other_checkpoints(&self) -> Result<Vec<(Option<Lane>, GlobalPosition)>, ConsumeError> {
        let name = &self.subscription;
        let mut others = Vec::new();
        if self.lane.is_some() {
            others.push((None, self.checkpoints.load_checkpoint(name).await?));
        }
        for (checkpoint, position) in self.checkpoints.lane_checkpoints(name).await? {
            if let Some(lane) = Lane::of_checkpoint(name, &checkpoint)
                && Some(lane.count()) != self.lane.map(Lane::count)
            {
                others.push((Some(lane), position));
            }
        }
        Ok(others)
    }

    async fn consume(&mut self, batch: Batch<'_>) -> Result<Consumed, ConsumeError> {
        let (mut consumed, mut failure) = (batch, None);
        for (at, recorded) in batch.events.iter().enumerate() {
            if *self.stop.borrow() || !batch.may_go_on() {
                consumed = batch.before(at);
                break;
            }
            if let Err(error) = self.handle(recorded).await {
                consumed = batch.before(at);
                failure = Some(ConsumeError::event(recorded, error));
                break;
            }
        }
        if let Some(moved) = consumed.checkpoint(&self.subscription, self.lane) {
            self.checkpoints.move_checkpoint(moved).await?;
        }
        Ok(Consumed {
            to: consumed.to,
            failure,
        })
    }

    /// Reads the events into their types. A handler's call does nothing until it is awaited.
    async fn rehearse(&self, events: &[RecordedEvent]) -> Result<(), ConsumeError> {
        for recorded in events {
            let cx = EventContext::new(self.core.clone(), recorded.clone());
            match (self.handler.call)(recorded, &cx) {
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(ConsumeError::event(recorded, error.into())),
                None => return Err(ConsumeError::event(recorded, FILTER_IGNORED.into())),
            }
        }
        Ok(())
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
            let handler = &self.handler.call;
            match &self.core.delivery_layers {
                None => deliver(&**handler, &cx).await,
                Some(layers) => {
                    let call = DeliveryCall::new(&self.subscription, cx, handler.clone());
                    layers.run(call).await
                }
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

/// Calls a handler with the event of its context.
pub(crate) async fn deliver(handler: &HandlerCall, cx: &EventContext) -> Result<(), BoxError> {
    match handler(cx.recorded(), cx) {
        Some(called) => called?.await,
        None => Err(FILTER_IGNORED.into()),
    }
}
