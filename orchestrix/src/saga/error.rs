//! What goes wrong with a saga and its steps.

use std::fmt;

use crate::aggregate::DispatchError;
use crate::app::{QueryError, ViewError};
use crate::error::BoxError;

/// Why a step or a compensation did not come to an end: with whether it makes sense to try it again.
///
/// The `?` of a failed dispatch or view decides by itself: what may pass is tried again, as the step's `retry` says, and a
/// refusal of the domain is final. For errors of others say which it is: [`retry`](Self::retry) or
/// [`terminal`](Self::terminal).
///
/// ```
/// use orchestrix::saga::StepError;
/// let busy = StepError::retry("the provider is busy");
/// assert!(busy.may_pass());
/// assert!(!StepError::terminal("the card was refused").may_pass());
/// assert_eq!(busy.to_string(), "the provider is busy");
/// ```
#[derive(Debug)]
pub struct StepError {
    may_pass: bool,
    source: BoxError,
}

impl StepError {
    /// It may go well the next time.
    pub fn retry(error: impl Into<BoxError>) -> Self {
        Self {
            may_pass: true,
            source: error.into(),
        }
    }

    /// It will not go well however often it is tried.
    pub fn terminal(error: impl Into<BoxError>) -> Self {
        Self {
            may_pass: false,
            source: error.into(),
        }
    }

    /// Whether it is worth another try.
    pub fn may_pass(&self) -> bool {
        self.may_pass
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::error::chain(&*self.source))
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<DispatchError<E>> for StepError {
    fn from(error: DispatchError<E>) -> Self {
        // What is not known to have been stored is sent again under the same key.
        match error.is_transient() || error.is_unknown() {
            true => Self::retry(error),
            false => Self::terminal(error),
        }
    }
}

impl From<ViewError> for StepError {
    fn from(error: ViewError) -> Self {
        Self::retry(error)
    }
}

impl From<QueryError> for StepError {
    fn from(error: QueryError) -> Self {
        Self::retry(error)
    }
}

/// Why steps are no graph.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// There is nothing to do.
    #[error("it has no steps")]
    NoSteps,
    /// Two have one name.
    #[error("two steps are called `{step}`")]
    DuplicateStep {
        /// The name.
        step: &'static str,
    },
    /// One comes after what is no step.
    #[error("step `{step}` comes after `{after}`, which is no step")]
    UnknownStep {
        /// Which step.
        step: &'static str,
        /// What it wants to come after.
        after: &'static str,
    },
    /// One comes after itself.
    #[error("step `{step}` comes after itself, by way of others")]
    Cycle {
        /// One of those in the cycle.
        step: &'static str,
    },
    /// Two that run at once cannot both have the state, where one changes it.
    #[error(
        "step `{step}` changes the saga's state and may run beside step `{other}`: let one come after the other, or take `&self`"
    )]
    ChangesBeside {
        /// The one that changes the state.
        step: &'static str,
        /// The other.
        other: &'static str,
    },
}
