//! Services whose types are forgotten.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tower_service::Service;

use super::Call;
use crate::error::BoxError;

type Answer<C> =
    Pin<Box<dyn Future<Output = Result<<C as Call>::Reply, <C as Call>::Error>> + Send>>;

/// A service for calls, as each layer gets it from the one behind: its type is forgotten, and it is clonable. What a
/// layer fails with that is not the call's own error is wrapped here.
///
/// A clone is one more reference; the service behind it is cloned when it is first asked whether it is ready.
pub struct CallService<C: Call> {
    prototype: Arc<dyn Prototype<C>>,
    /// The one that was asked, and must be the one that is called.
    asked: Option<Box<dyn Erased<C>>>,
}

impl<C: Call> CallService<C> {
    pub(super) fn new<S>(service: S) -> Self
    where
        S: Service<C, Response = C::Reply> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
    {
        Self {
            prototype: Arc::new(service),
            asked: None,
        }
    }

    /// One call, on a service of its own.
    pub(crate) async fn run(&self, call: C) -> Result<C::Reply, C::Error> {
        let mut service = self.prototype.fresh();
        poll_fn(|cx| service.ready(cx)).await?;
        service.answer(call).await
    }
}

impl<C: Call> Clone for CallService<C> {
    fn clone(&self) -> Self {
        Self {
            prototype: self.prototype.clone(),
            asked: None,
        }
    }
}

impl<C: Call> fmt::Debug for CallService<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallService").finish_non_exhaustive()
    }
}

impl<C: Call> Service<C> for CallService<C> {
    type Response = C::Reply;
    type Error = C::Error;
    type Future = Answer<C>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        self.asked
            .get_or_insert_with(|| self.prototype.fresh())
            .ready(cx)
    }

    fn call(&mut self, call: C) -> Answer<C> {
        match self.asked.take() {
            Some(mut service) => service.answer(call),
            // Whoever calls without asking gets what the service behind makes of that.
            None => self.prototype.fresh().answer(call),
        }
    }
}

trait Prototype<C: Call>: Send + Sync {
    fn fresh(&self) -> Box<dyn Erased<C>>;
}

trait Erased<C: Call>: Send + Sync {
    fn ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>>;
    fn answer(&mut self, call: C) -> Answer<C>;
}

impl<C, S> Prototype<C> for S
where
    C: Call,
    S: Service<C, Response = C::Reply> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    fn fresh(&self) -> Box<dyn Erased<C>> {
        Box::new(self.clone())
    }
}

impl<C, S> Erased<C> for S
where
    C: Call,
    S: Service<C, Response = C::Reply> + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    fn ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        self.poll_ready(cx).map_err(|error| C::failed(error.into()))
    }

    fn answer(&mut self, call: C) -> Answer<C> {
        let answer = self.call(call);
        Box::pin(async move { answer.await.map_err(|error| C::failed(error.into())) })
    }
}
