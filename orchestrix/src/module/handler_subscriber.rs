//! Event handlers: one event at a time, at least once, in the order of the log.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tracing::{Instrument, info_span};

use super::{EventContext, EventHandler, HandlerCall, ReplayCall, ReplayContext};
use crate::app::Core;
use crate::error::BoxError;
use crate::middleware::DeliveryCall;
use crate::store::{Filter, GlobalPosition, Lane, RecordedEvent};
use crate::subscription::{
    Batch, ConsumeError, Consumed, DeliveryTimeout, LanedCheckpoint, Subscriber, panic,
};
use crate::{telemetry, tenant};

/// The filter asks for the handler's own types only.
const FILTER_IGNORED: &str = "the store ignored the filter";

/// Calls an `#[on]` method with each event, and keeps a checkpoint.
pub(crate) struct HandlerSubscriber {
    pub(crate) checkpoint: LanedCheckpoint,
    pub(crate) handler: EventHandler,
    pub(crate) core: Arc<Core>,
    pub(crate) stop: watch::Receiver<bool>,
    /// How long one event may take.
    pub(crate) timeout: Duration,
}

#[async_trait]
impl Subscriber for HandlerSubscriber {
    fn name(&self) -> &str {
        self.checkpoint.subscription()
    }

    fn filter(&self) -> Filter {
        self.handler.filter()
    }

    async fn load_checkpoint(&mut self) -> Result<GlobalPosition, ConsumeError> {
        self.checkpoint.load().await
    }

    async fn other_checkpoints(&self) -> Result<Vec<(Option<Lane>, GlobalPosition)>, ConsumeError> {
        self.checkpoint.others().await
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
        self.checkpoint.moved(consumed).await?;
        Ok(Consumed {
            failure,
            ..Consumed::up_to(consumed.to)
        })
    }

    async fn is_replaced(&self) -> Result<bool, ConsumeError> {
        self.checkpoint.is_reset().await
    }

    fn resets(&self) -> u64 {
        self.checkpoint.resets()
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
            { telemetry::SUBSCRIPTION } = self.checkpoint.subscription(),
            { telemetry::EVENT_TYPE } = recorded.event_type(),
            { telemetry::POSITION } = recorded.position.get(),
        );
        let cx = EventContext::new(self.core.clone(), recorded.clone());
        let handled = async {
            let handler = &self.handler.call;
            match &self.core.delivery_layers {
                None => deliver(&**handler, &cx).await,
                Some(layers) => {
                    let call =
                        DeliveryCall::new(self.checkpoint.subscription(), cx, handler.clone());
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

/// Calls a handler with an event of long ago, within a limit. No layers of middleware are around it.
pub(crate) async fn replay(
    handler: &ReplayCall,
    cx: ReplayContext,
    subscription: &str,
    limit: Duration,
) -> Result<(), BoxError> {
    let span = info_span!(
        telemetry::REPLAY_EVENT,
        { telemetry::SUBSCRIPTION } = subscription,
        { telemetry::EVENT_TYPE } = cx.recorded().event_type(),
        { telemetry::POSITION } = cx.position().get(),
    );
    let handled = async {
        match handler(cx.recorded(), &cx) {
            Some(called) => called?.await,
            None => Err(FILTER_IGNORED.into()),
        }
    };
    let handled = tenant::scope(cx.stream().tenant().clone(), handled);
    let handled = panic::catch_in(handled).instrument(span);
    match tokio::time::timeout(limit, handled).await {
        Ok(handled) => handled?,
        Err(_) => Err(DeliveryTimeout::new(limit).into()),
    }
}
