//! Domain errors whose types are forgotten.

use std::any::Any;
use std::fmt;

use crate::app::DispatchError;

/// How a [`CommandCall`](super::CommandCall) fails: as the dispatch does, with the type of the domain's own error
/// forgotten. The caller of the dispatch gets it with its type.
pub type CommandError = DispatchError<Rejection>;

/// The domain's own error on its way through middleware.
///
/// ```
/// use orchestrix::middleware::Rejection;
///
/// #[derive(Debug, PartialEq)]
/// struct SoldOut { item: u32 }
///
/// let rejection = Rejection::new(SoldOut { item: 7 });
/// assert_eq!(rejection.downcast_ref(), Some(&SoldOut { item: 7 }));
/// assert_eq!(rejection.downcast_ref::<String>(), None);
/// ```
pub struct Rejection {
    error: Box<dyn Any + Send + Sync>,
    type_name: &'static str,
}

impl Rejection {
    /// A domain's error.
    pub fn new<E: Send + Sync + 'static>(error: E) -> Self {
        Self {
            error: Box::new(error),
            type_name: std::any::type_name::<E>(),
        }
    }

    /// The error, if it is of this type.
    pub fn downcast_ref<E: 'static>(&self) -> Option<&E> {
        self.error.downcast_ref()
    }

    /// The name of the error's type.
    pub fn type_name(&self) -> &'static str {
        self.type_name
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rejection({})", self.type_name)
    }
}

/// Domain errors need not be printable, and may hold what no log may: their type is told only.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the domain refused with `{}`", self.type_name)
    }
}

impl std::error::Error for Rejection {}

/// Forgets the type of the domain's error.
pub(crate) fn forget<E: Send + Sync + 'static>(error: DispatchError<E>) -> CommandError {
    convert(error, |error| {
        DispatchError::Rejected(Rejection::new(error))
    })
}

/// Remembers the type of the domain's error. A layer may have put another in its place, which is the layer's failure.
pub(super) fn remember<E: 'static>(error: CommandError) -> DispatchError<E> {
    convert(error, |Rejection { error, type_name }| {
        match error.downcast() {
            Ok(error) => DispatchError::Rejected(*error),
            Err(error) => DispatchError::Middleware {
                source: Rejection { error, type_name }.into(),
            },
        }
    })
}

fn convert<E, T>(
    error: DispatchError<E>,
    rejected: impl FnOnce(E) -> DispatchError<T>,
) -> DispatchError<T> {
    use DispatchError as D;
    match error {
        D::Rejected(error) => rejected(error),
        D::NotFound { stream } => D::NotFound { stream },
        D::AlreadyExists { stream } => D::AlreadyExists { stream },
        D::Conflict {
            stream,
            expected,
            actual,
            attempts,
        } => D::Conflict {
            stream,
            expected,
            actual,
            attempts,
        },
        D::NotRegistered { command, handler } => D::NotRegistered { command, handler },
        D::InvalidId { command, source } => D::InvalidId { command, source },
        D::InvalidKey { command, source } => D::InvalidKey { command, source },
        D::KeyReused { key, stream, used } => D::KeyReused { key, stream, used },
        D::Timeout { command, limit } => D::Timeout { command, limit },
        D::Overloaded { stream, waiting } => D::Overloaded { stream, waiting },
        D::Archived { stream, version } => D::Archived { stream, version },
        D::Locked { stream, wait } => D::Locked { stream, wait },
        D::InvalidTag { event_type, source } => D::InvalidTag { event_type, source },
        D::TenantRequired(required) => D::TenantRequired(required),
        D::ShuttingDown => D::ShuttingDown,
        D::Unavailable { source } => D::Unavailable { source },
        D::Indeterminate { source } => D::Indeterminate { source },
        D::Corrupt { source } => D::Corrupt { source },
        D::Misplaced { stream, event_type } => D::Misplaced { stream, event_type },
        D::NotFolded {
            projection,
            stream,
            event_type,
            source,
        } => D::NotFolded {
            projection,
            stream,
            event_type,
            source,
        },
        D::Encode { event_type, source } => D::Encode { event_type, source },
        D::ReadFailed { source } => D::ReadFailed { source },
        D::Lock { stream, source } => D::Lock { stream, source },
        D::Store { source } => D::Store { source },
        D::RateLimited {
            command,
            retry_after,
        } => D::RateLimited {
            command,
            retry_after,
        },
        D::Denied { command, reason } => D::Denied { command, reason },
        D::Middleware { source } => D::Middleware { source },
    }
}
