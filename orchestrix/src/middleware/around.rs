//! Middleware as one function around a call.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

use super::{Call, Next};
use crate::error::BoxError;

/// What is done around a call: before it, after it, in its place, or to it. A function of the call and of what comes
/// [next](Next) is one too; [`around`] makes a layer of it.
///
/// ```
/// use orchestrix::middleware::{CommandCall, CommandError, CommandReply, Middleware, Next};
///
/// /// Every event tells the region that its command came from.
/// struct Region(&'static str);
///
/// impl Middleware<CommandCall> for Region {
///     async fn handle(&self, call: CommandCall, next: Next<CommandCall>) -> Result<CommandReply, CommandError> {
///         next.run(call.with_metadata("region", self.0)).await
///     }
/// }
/// ```
pub trait Middleware<C: Call>: Send + Sync + 'static {
    /// Handles the call; what runs it is [`Next::run`].
    ///
    /// # Errors
    /// The call's own, or the middleware's.
    ///
    /// # Cancellation
    /// It is dropped where nobody waits for it any longer, at any `await`.
    fn handle(
        &self,
        call: C,
        next: Next<C>,
    ) -> impl Future<Output = Result<C::Reply, C::Error>> + Send;
}

impl<C, F, Answer, E> Middleware<C> for F
where
    C: Call,
    F: Fn(C, Next<C>) -> Answer + Send + Sync + 'static,
    Answer: Future<Output = Result<C::Reply, E>> + Send,
    E: Into<BoxError>,
{
    async fn handle(&self, call: C, next: Next<C>) -> Result<C::Reply, C::Error> {
        self(call, next)
            .await
            .map_err(|error| C::failed(error.into()))
    }
}

/// A layer of middleware. Services that it makes share the one instance.
///
/// ```
/// use orchestrix::error::BoxError;
/// use orchestrix::middleware::{CommandCall, Next, around};
/// use orchestrix::prelude::*;
///
/// // Nothing is done on behalf of nobody.
/// let named = around(async |call: CommandCall, next: Next<CommandCall>| {
///     if call.metadata().actor.is_none() {
///         return Err(BoxError::from("nobody acts"));
///     }
///     Ok(next.run(call).await?)
/// });
/// # let _ =
/// Orchestrix::builder().dispatch_layer(named);
/// ```
pub fn around<M>(middleware: M) -> Around<M> {
    Around(Arc::new(middleware))
}

/// The layer that [`around`] makes.
pub struct Around<M>(Arc<M>);

impl<M> Clone for Around<M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M> fmt::Debug for Around<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Around({})", std::any::type_name::<M>())
    }
}

impl<M, S> Layer<S> for Around<M> {
    type Service = Surrounded<M, S>;

    fn layer(&self, inner: S) -> Surrounded<M, S> {
        Surrounded {
            middleware: self.0.clone(),
            inner,
        }
    }
}

/// A service with middleware around it. It is always ready: what is inside is waited for within the call, so that time
/// limits around it count that too, and what is refused on the way occupies no place inside.
pub struct Surrounded<M, S> {
    middleware: Arc<M>,
    inner: S,
}

impl<M, S: Clone> Clone for Surrounded<M, S> {
    fn clone(&self) -> Self {
        Self {
            middleware: self.middleware.clone(),
            inner: self.inner.clone(),
        }
    }
}

impl<M, S> fmt::Debug for Surrounded<M, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Surrounded({})", std::any::type_name::<M>())
    }
}

impl<C, M, S> Service<C> for Surrounded<M, S>
where
    C: Call,
    M: Middleware<C>,
    S: Service<C, Response = C::Reply> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    type Response = C::Reply;
    type Error = C::Error;
    type Future = Pin<Box<dyn Future<Output = Result<C::Reply, C::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: C) -> Self::Future {
        let next = Next::new(self.inner.clone());
        let middleware = self.middleware.clone();
        Box::pin(async move { middleware.handle(call, next).await })
    }
}

/// Makes middleware that is cheap to clone a layer by itself.
macro_rules! is_layer {
    ($middleware:ty) => {
        impl<S> ::tower_layer::Layer<S> for $middleware {
            type Service = $crate::middleware::Surrounded<$middleware, S>;

            fn layer(&self, inner: S) -> Self::Service {
                $crate::middleware::around(self.clone()).layer(inner)
            }
        }
    };
}
pub(super) use is_layer;
