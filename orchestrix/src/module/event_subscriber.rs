//! What a subscription of the user's own does with its events.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use super::parts::{Call, EventHandler, ReplayCall};
use super::{EventContext, EventHandlerOutput, ReplayContext};
use crate::error::BoxError;
use crate::store::{Filter, RecordedEvent};
use crate::subscription::{Delivery, Subscription};

/// What a [`Subscription`] does with its events, one at a time, at least once, in order within each stream.
///
/// Closures of an event and an [`EventContext`] are such, async ones and others; they return nothing, or a `Result` of
/// nothing. One that is not async must not block. What takes a [`ReplayContext`] instead can dispatch nothing, and may be
/// called again by [`App::replay`](crate::app::App::replay). `Kind` tells all these apart, and is left out where the trait
/// is implemented for a type of one's own:
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use orchestrix::error::BoxError;
/// use orchestrix::module::{EventContext, EventSubscriber};
/// use orchestrix::store::RecordedEvent;
///
/// #[derive(Default)]
/// struct Seen(AtomicU64);
///
/// impl EventSubscriber for Seen {
///     type Context = EventContext;
///
///     async fn handle(&self, event: RecordedEvent, _: EventContext) -> Result<(), BoxError> {
///         self.0.store(event.position.get(), Ordering::Relaxed);
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot consume the events of a subscription",
    label = "not a closure of `RecordedEvent` and `EventContext`",
    note = "write `|event: RecordedEvent, cx: EventContext| async move {{ .. }}`, or implement `EventSubscriber` for a type of your own"
)]
pub trait EventSubscriber<Kind = OwnType>: Send + Sync + 'static {
    /// What it is told beside the event, and what it may do.
    type Context: SubscriberContext;

    /// Consumes an event. An error has it delivered again, as the subscription's [`Delivery`] says.
    fn handle(
        &self,
        event: RecordedEvent,
        cx: Self::Context,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// A kind of [`EventSubscriber`]: a type that implements it itself.
#[derive(Debug)]
pub enum OwnType {}

/// A kind of [`EventSubscriber`]: closures that give a future.
#[derive(Debug)]
pub struct AsyncClosure<Context>(PhantomData<Context>);

/// A kind of [`EventSubscriber`]: closures that are done when they return.
#[derive(Debug)]
pub struct PlainClosure<Context>(PhantomData<Context>);

/// What an [`EventSubscriber`] is told beside its event. Not implemented elsewhere.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no context of a subscription",
    note = "take an `EventContext`, or a `ReplayContext` where it may run in a replay"
)]
pub trait SubscriberContext: sealed::InReplay {}

impl SubscriberContext for EventContext {}

impl SubscriberContext for ReplayContext {}

pub(super) mod sealed {
    use std::sync::Arc;

    use super::{EventSubscriber, replay};
    use crate::module::{EventContext, ReplayCall, ReplayContext};

    pub trait Context: Send + Sized + 'static {
        fn live(cx: &EventContext) -> Self;
    }

    /// What a subscriber with this context does in a replay; none where it has no part in one.
    pub trait InReplay: Context {
        fn of<S: EventSubscriber<Kind, Context = Self>, Kind: 'static>(
            subscriber: &Arc<S>,
        ) -> Option<Arc<ReplayCall>>;
    }

    impl Context for EventContext {
        fn live(cx: &EventContext) -> Self {
            cx.clone()
        }
    }

    impl InReplay for EventContext {
        fn of<S: EventSubscriber<Kind, Context = Self>, Kind: 'static>(
            _: &Arc<S>,
        ) -> Option<Arc<ReplayCall>> {
            None
        }
    }

    impl Context for ReplayContext {
        fn live(cx: &EventContext) -> Self {
            cx.without_commands().clone()
        }
    }

    impl InReplay for ReplayContext {
        fn of<S: EventSubscriber<Kind, Context = Self>, Kind: 'static>(
            subscriber: &Arc<S>,
        ) -> Option<Arc<ReplayCall>> {
            Some(replay(subscriber.clone()))
        }
    }
}

impl<F, Context, Done> EventSubscriber<AsyncClosure<Context>> for F
where
    F: Fn(RecordedEvent, Context) -> Done + Send + Sync + 'static,
    Context: SubscriberContext,
    Done: Future + Send,
    Done::Output: EventHandlerOutput,
{
    type Context = Context;

    async fn handle(&self, event: RecordedEvent, cx: Context) -> Result<(), BoxError> {
        self(event, cx).await.into_result()
    }
}

impl<F, Context, Done> EventSubscriber<PlainClosure<Context>> for F
where
    F: Fn(RecordedEvent, Context) -> Done + Send + Sync + 'static,
    Context: SubscriberContext,
    Done: EventHandlerOutput,
{
    type Context = Context;

    async fn handle(&self, event: RecordedEvent, cx: Context) -> Result<(), BoxError> {
        self(event, cx).into_result()
    }
}

/// A subscription with what consumes its events, erased.
pub(crate) struct OwnSubscription {
    pub(crate) name: String,
    /// What consumes its events, for people.
    pub(crate) rust_type: &'static str,
    pub(crate) filter: Filter,
    pub(crate) delivery: Delivery,
    pub(crate) handler: EventHandler,
}

impl OwnSubscription {
    pub(crate) fn new<S, Kind>(subscription: Subscription, subscriber: S) -> Self
    where
        S: EventSubscriber<Kind>,
        Kind: 'static,
    {
        let (name, filter, delivery) = subscription.into_parts();
        let subscriber = Arc::new(subscriber);
        Self {
            rust_type: std::any::type_name::<S>(),
            handler: EventHandler {
                name: name.clone().into(),
                events: Vec::new(),
                wants: filter.clone(),
                replay: sealed::InReplay::of(&subscriber),
                call: live(subscriber),
            },
            name,
            filter,
            delivery,
        }
    }
}

/// The subscriber is called once what this gives is polled: a plain closure has its effect at once.
fn live<S: EventSubscriber<Kind>, Kind: 'static>(subscriber: Arc<S>) -> Arc<Call> {
    Arc::new(move |recorded, cx| {
        let (subscriber, event) = (subscriber.clone(), recorded.clone());
        let cx = sealed::Context::live(cx);
        Some(Ok(Box::pin(
            async move { subscriber.handle(event, cx).await },
        )))
    })
}

fn replay<S, Kind>(subscriber: Arc<S>) -> Arc<ReplayCall>
where
    S: EventSubscriber<Kind, Context = ReplayContext>,
    Kind: 'static,
{
    Arc::new(move |recorded, cx| {
        let (subscriber, event, cx) = (subscriber.clone(), recorded.clone(), cx.clone());
        Some(Ok(Box::pin(
            async move { subscriber.handle(event, cx).await },
        )))
    })
}
