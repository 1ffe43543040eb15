//! An event on its way to an event handler.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tower_service::Service;

use super::call::{Logged, Outcomes};
use super::{Call, RateLimited};
use crate::error::BoxError;
use crate::module::{EventContext, HandlerCall, deliver};
use crate::store::RecordedEvent;
use crate::subscription::{DeliveryTimeout, logged};
use crate::{telemetry, tenant};

/// An event on its way to an event handler.
///
/// Cloning it is cheap.
#[derive(Clone)]
pub struct DeliveryCall(Arc<Delivered>);

struct Delivered {
    subscription: String,
    cx: EventContext,
    handler: Arc<HandlerCall>,
}

impl DeliveryCall {
    pub(crate) fn new(subscription: &str, cx: EventContext, handler: Arc<HandlerCall>) -> Self {
        let subscription = subscription.to_owned();
        Self(Arc::new(Delivered {
            subscription,
            cx,
            handler,
        }))
    }

    /// The subscription's name: the module's and the handler's, as in `mailing.welcome`.
    pub fn subscription(&self) -> &str {
        &self.0.subscription
    }

    /// The event as it is stored: its type, stream, position, metadata and payload.
    pub fn event(&self) -> &RecordedEvent {
        self.0.cx.recorded()
    }

    /// What the handler knows of its event, and what it may do.
    pub fn context(&self) -> &EventContext {
        &self.0.cx
    }
}

impl fmt::Debug for DeliveryCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeliveryCall")
            .field("subscription", &self.subscription())
            .field("event_type", &self.event().event_type())
            .field("position", &self.event().position)
            .finish_non_exhaustive()
    }
}

impl Call for DeliveryCall {
    type Reply = ();
    type Error = BoxError;
}

impl Outcomes for DeliveryCall {
    type Given = ();
    type Failed = BoxError;

    fn failed(error: BoxError) -> BoxError {
        error
    }

    fn late(&self, limit: Duration) -> BoxError {
        DeliveryTimeout::new(limit).into()
    }

    fn limited(&self, retry_after: Duration) -> BoxError {
        RateLimited { retry_after }.into()
    }

    /// A handler is not told how much time it has.
    fn within(self, _: Duration) -> Self {
        self
    }

    fn log(&self, outcome: Logged<'_, BoxError>, took: Duration) {
        macro_rules! log {
            ($level:ident, $outcome:literal, $text:literal $(, $error:expr)?) => {
                tracing::$level!(
                    { telemetry::SUBSCRIPTION } = self.subscription(),
                    { telemetry::EVENT_TYPE } = self.event().event_type(),
                    { telemetry::POSITION } = self.event().position.get(),
                    { telemetry::OUTCOME } = $outcome,
                    { telemetry::TOOK } = ?took,
                    $({ telemetry::ERROR } = $error,)?
                    $text
                )
            };
        }
        match outcome {
            Logged::Done => log!(info, "done", "an event was handled"),
            Logged::Failed(error) => {
                log!(warn, "failed", "an event was not handled", logged(&**error));
            }
            Logged::Abandoned => log!(warn, "abandoned", "the handling of an event was given up"),
        }
    }
}

/// The innermost service: calls the handler.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Handle;

impl Service<DeliveryCall> for Handle {
    type Response = ();
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, DeliveryCall(delivered): DeliveryCall) -> Self::Future {
        Box::pin(async move {
            let tenant = delivered.cx.stream().tenant().clone();
            // The layers are within the scope already, unless one of them went over to another task.
            tenant::scope(tenant, deliver(&*delivered.handler, &delivered.cx)).await
        })
    }
}
