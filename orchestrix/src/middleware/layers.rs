//! The layers of an app, outermost first.

use tower_layer::Layer;
use tower_service::Service;

use super::{Call, CallService};
use crate::error::BoxError;

/// Layers until the app starts, when they are put around what they are for.
pub(crate) struct Layers<C: Call>(Vec<Put<C>>);

/// Puts one layer around what is inside.
type Put<C> = Box<dyn FnOnce(CallService<C>) -> CallService<C> + Send>;

impl<C: Call> Default for Layers<C> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<C: Call> Layers<C> {
    /// One more, within those that were given before.
    pub(crate) fn push<L>(&mut self, layer: L)
    where
        L: Layer<CallService<C>> + Send + 'static,
        L::Service: Service<C, Response = C::Reply> + Clone + Send + Sync + 'static,
        <L::Service as Service<C>>::Error: Into<BoxError>,
        <L::Service as Service<C>>::Future: Send + 'static,
    {
        self.0
            .push(Box::new(move |inner| CallService::new(layer.layer(inner))));
    }

    /// All of them around what handles the call; nothing where there are none, so that the call goes straight.
    pub(crate) fn stacked<S>(self, innermost: S) -> Option<CallService<C>>
    where
        S: Service<C, Response = C::Reply> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
    {
        if self.0.is_empty() {
            return None;
        }
        let innermost = CallService::new(innermost);
        let outward = self.0.into_iter().rev();
        Some(outward.fold(innermost, |inner, layer| layer(inner)))
    }
}
