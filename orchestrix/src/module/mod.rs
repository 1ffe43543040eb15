//! Modules: what belongs together, registered in one line.

mod context;
mod event_subscriber;
mod handler_subscriber;
mod parts;
mod replay_context;

use std::future::Future;
use std::sync::Arc;

use crate::error::BoxError;
use crate::message::Command;

pub use context::{EventContext, ModuleContext};
pub(crate) use event_subscriber::OwnSubscription;
pub use event_subscriber::{
    AsyncClosure, EventSubscriber, OwnType, PlainClosure, SubscriberContext,
};
pub(crate) use handler_subscriber::{HandlerSubscriber, deliver, replay};
pub(crate) use parts::{Call as HandlerCall, EventHandler, ReplayCall};
pub use parts::{HandlerFuture, Parts, handler_result};
pub use replay_context::ReplayContext;

/// A part of an application: aggregates, projections, event handlers and commands with I/O.
///
/// `#[module]` writes this, on a struct or on an impl block. By hand it is:
///
/// ```
/// use std::sync::Arc;
/// use orchestrix::module::{Module, Parts};
///
/// struct Nothing;
/// impl Module for Nothing {
///     fn name(&self) -> &'static str { "nothing" }
///     fn register(self: Arc<Self>, _parts: &mut Parts) {}
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a module",
    label = "not a module",
    note = "put `#[module(..)]` on the struct, or on an `impl {Self}` block with `#[on]` and `#[handle]` methods"
)]
pub trait Module: Send + Sync + 'static {
    /// Its name, unique in an app.
    fn name(&self) -> &'static str;

    /// Names its parts.
    fn register(self: Arc<Self>, parts: &mut Parts);
}

/// The command is handled by the module `M`; only one such `M` exists for it.
#[diagnostic::on_unimplemented(
    message = "module `{M}` does not handle `{Self}`",
    label = "no async `#[handle]` method takes it",
    note = "add `#[handle] async fn ..(&self, cmd: {Self}, cx: &ModuleContext)` to the `#[module]` impl block"
)]
pub trait ModuleCommand<M: Module>: Command {
    /// What it gives.
    type Output: Send + 'static;
    /// The domain's own error.
    type Error: Send + Sync + 'static;

    /// Carries it out.
    fn handle(
        self,
        module: &M,
        cx: &ModuleContext,
    ) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send;
}

/// For generated code: what an async `#[handle]` method of a module returns. A `Result`, always: its error is part of
/// the dispatch's type.
#[diagnostic::on_unimplemented(
    message = "an async `#[handle]` method must return a `Result`, not `{Self}`",
    label = "return `Result<T, E>`; `Result<T, std::convert::Infallible>` if it cannot refuse"
)]
pub trait ModuleOutput {
    /// What it gives.
    type Output: Send + 'static;
    /// The domain's own error.
    type Error: Send + Sync + 'static;

    /// As a `Result`.
    ///
    /// # Errors
    /// The domain's.
    fn into_result(self) -> Result<Self::Output, Self::Error>;
}

impl<T: Send + 'static, E: Send + Sync + 'static> ModuleOutput for Result<T, E> {
    type Output = T;
    type Error = E;

    fn into_result(self) -> Result<T, E> {
        self
    }
}

/// What an `#[on]` method returns: nothing, or a `Result` of nothing and any error.
#[diagnostic::on_unimplemented(
    message = "an `#[on]` method must return nothing or `Result<(), E>`, not `{Self}`",
    label = "`E` must be an error type, `Send + Sync + 'static`"
)]
pub trait EventHandlerOutput {
    /// As a `Result`.
    ///
    /// # Errors
    /// The handler's.
    fn into_result(self) -> Result<(), BoxError>;
}

impl EventHandlerOutput for () {
    fn into_result(self) -> Result<(), BoxError> {
        Ok(())
    }
}

impl<E: Into<BoxError>> EventHandlerOutput for Result<(), E> {
    fn into_result(self) -> Result<(), BoxError> {
        self.map_err(Into::into)
    }
}
