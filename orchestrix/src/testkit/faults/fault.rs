//! What can happen to an append.

use crate::error::BoxError;
use crate::store::AppendError;

/// What happens to one append instead of the ordinary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AppendFault {
    /// It is not sent, and the store is said to be unavailable.
    Unavailable,
    /// It is not sent, and the store is said to have failed for good.
    Failed,
    /// It is not sent, but that is not known: [`AppendError::Indeterminate`].
    NotSent,
    /// It is sent, and whatever comes of it is not known: [`AppendError::Indeterminate`].
    AnswerLost,
    /// It waits until the [gate](super::FaultStore::gate) is open, and with it all appends of the same call.
    Held,
    /// It is sent, and once it was acknowledged it is sent again; the first outcome is given.
    Twice,
}

/// The cause of the errors that a fault comes with: their `source()` can be downcast to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("injected fault {fault:?}")]
#[non_exhaustive]
pub struct InjectedFault {
    /// Which fault.
    pub fault: AppendFault,
}

impl AppendFault {
    /// The error of a fault that keeps the append from being sent.
    pub(super) fn before_sending(self) -> Option<AppendError> {
        let source: BoxError = InjectedFault { fault: self }.into();
        match self {
            Self::Unavailable => Some(AppendError::Unavailable { source }),
            Self::Failed => Some(AppendError::Failed { source }),
            Self::NotSent => Some(AppendError::Indeterminate { source }),
            Self::AnswerLost | Self::Held | Self::Twice => None,
        }
    }
}
