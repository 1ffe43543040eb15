//! The rest of the road.

use tower_service::Service;

use super::{Call, CallService};
use crate::error::BoxError;

/// The rest of a call's road: the layers further in, and at the end what handles it.
///
/// ```
/// use orchestrix::middleware::{CommandCall, Next, around};
///
/// // What fails is run once more.
/// let twice = around(|call: CommandCall, next: Next<CommandCall>| async move {
///     match next.run(call.clone()).await {
///         Err(error) if error.is_transient() => next.run(call).await,
///         outcome => outcome,
///     }
/// });
/// # let _ = twice;
/// ```
#[derive(Debug, Clone)]
pub struct Next<C: Call>(CallService<C>);

impl<C: Call> Next<C> {
    pub(super) fn new<S>(service: S) -> Self
    where
        S: Service<C, Response = C::Reply> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
    {
        Self(CallService::new(service))
    }

    /// Runs the call to its end. More than once it is run anew each time.
    ///
    /// # Errors
    /// What comes of it further in. An error of a layer that is not the call's own is wrapped.
    pub async fn run(&self, call: C) -> Result<C::Reply, C::Error> {
        self.0.run(call).await
    }
}
