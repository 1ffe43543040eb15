//! Who may do what.

use std::fmt;
use std::future::Future;

use tower_layer::Layer;

use super::{
    Around, CommandCall, CommandError, CommandReply, Middleware, Next, Surrounded, around,
};
use crate::app::DispatchError;
use crate::error::BoxError;

/// Asks, before a command is carried out, whether it may be: what is denied fails with [`DispatchError::Denied`]. When
/// the question itself fails, so does the command, with [`DispatchError::Middleware`]: nobody is let through by mistake.
///
/// Commands that event handlers and modules dispatch are asked about too. They act for whom their cause acted for.
///
/// ```
/// use orchestrix::middleware::{Authorise, CommandCall, Verdict};
/// use orchestrix::prelude::*;
///
/// #[derive(Command)]
/// struct Refund { #[id] order: u32, pence: u32 }
///
/// let refunds = Authorise::new(|call: CommandCall| async move {
///     match (call.command::<Refund>(), &call.metadata().actor) {
///         (Some(refund), None) => Verdict::deny(format!("refunds of {} pence need a name", refund.pence)),
///         _ => Verdict::Allow,
///     }
/// });
/// # let _ = Orchestrix::builder().dispatch_layer(refunds);
/// ```
pub struct Authorise<F>(Around<Asked<F>>);

/// Whether a command may be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Allow,
    /// It may not.
    Deny {
        /// Why, for the caller: lower case, without a full stop.
        reason: String,
    },
}

impl Verdict {
    /// No, and why.
    pub fn deny(reason: impl Into<String>) -> Self {
        Self::Deny {
            reason: reason.into(),
        }
    }
}

/// What is answered to the question: a [`Verdict`], or a `Result` of one and any error.
///
/// ```
/// use orchestrix::error::BoxError;
/// use orchestrix::middleware::{Authorise, CommandCall, Verdict};
///
/// // Who cannot be looked up is not let through.
/// async fn role_of(actor: &str) -> Result<String, BoxError> {
///     Err(format!("nobody knows {actor}").into())
/// }
/// let managers = Authorise::new(|call: CommandCall| async move {
///     let actor = call.metadata().actor.clone().unwrap_or_default();
///     match role_of(&actor).await?.as_str() {
///         "manager" => Ok(Verdict::Allow),
///         _ => Ok::<_, BoxError>(Verdict::deny("only managers may")),
///     }
/// });
/// # let _ = managers;
/// ```
pub trait AuthoriseOutput {
    /// As a `Result`.
    ///
    /// # Errors
    /// The question's.
    fn into_result(self) -> Result<Verdict, BoxError>;
}

impl AuthoriseOutput for Verdict {
    fn into_result(self) -> Result<Verdict, BoxError> {
        Ok(self)
    }
}

impl<E: Into<BoxError>> AuthoriseOutput for Result<Verdict, E> {
    fn into_result(self) -> Result<Verdict, BoxError> {
        self.map_err(Into::into)
    }
}

impl<F, Answer> Authorise<F>
where
    F: Fn(CommandCall) -> Answer + Send + Sync + 'static,
    Answer: Future<Output: AuthoriseOutput> + Send,
{
    /// Asks this function.
    pub fn new(may: F) -> Self {
        Self(around(Asked(may)))
    }
}

impl<F> Clone for Authorise<F> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<F> fmt::Debug for Authorise<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorise").finish_non_exhaustive()
    }
}

impl<F, S> Layer<S> for Authorise<F> {
    type Service = Surrounded<Asked<F>, S>;

    fn layer(&self, inner: S) -> Self::Service {
        self.0.layer(inner)
    }
}

/// The middleware of [`Authorise`].
pub struct Asked<F>(F);

impl<F> fmt::Debug for Asked<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").finish_non_exhaustive()
    }
}

impl<F, Answer> Middleware<CommandCall> for Asked<F>
where
    F: Fn(CommandCall) -> Answer + Send + Sync + 'static,
    Answer: Future<Output: AuthoriseOutput> + Send,
{
    async fn handle(
        &self,
        call: CommandCall,
        next: Next<CommandCall>,
    ) -> Result<CommandReply, CommandError> {
        let answer = (self.0)(call.clone()).await.into_result();
        match answer.map_err(|source| DispatchError::Middleware { source })? {
            Verdict::Allow => next.run(call).await,
            Verdict::Deny { reason } => Err(DispatchError::Denied {
                command: call.name(),
                reason,
            }),
        }
    }
}
