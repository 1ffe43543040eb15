//! What a command gives, on its way back.

use std::any::Any;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::aggregate::Receipt;

/// What a command gives, with its type forgotten. The caller of the dispatch gets it with its type.
///
/// ```
/// use orchestrix::middleware::CommandReply;
///
/// // A layer may answer itself, with what the command's handler would give.
/// let reply = CommandReply::new(7_u32);
/// assert!(reply.receipt().is_none());
/// assert_eq!(reply.into_output::<u32>()?, 7);
/// # Ok::<(), orchestrix::middleware::ForeignReply>(())
/// ```
pub struct CommandReply(Output);

enum Output {
    Receipt(Receipt),
    /// Modules give what need not be shareable between threads. The lock is never taken, but makes it so.
    Other {
        output: Mutex<Box<dyn Any + Send>>,
        type_name: &'static str,
    },
}

impl CommandReply {
    /// A reply with this output: a [`Receipt`] where an aggregate handles the command, else what the module gives.
    pub fn new<T: Send + 'static>(output: T) -> Self {
        let output: Box<dyn Any + Send> = Box::new(output);
        Self(match output.downcast::<Receipt>() {
            Ok(receipt) => Output::Receipt(*receipt),
            Err(output) => Output::Other {
                output: Mutex::new(output),
                type_name: std::any::type_name::<T>(),
            },
        })
    }

    /// The receipt of a command on an aggregate.
    pub fn receipt(&self) -> Option<&Receipt> {
        match &self.0 {
            Output::Receipt(receipt) => Some(receipt),
            Output::Other { .. } => None,
        }
    }

    /// What the command gives.
    ///
    /// # Errors
    /// [`ForeignReply`] when it is of another type.
    pub fn into_output<T: 'static>(self) -> Result<T, ForeignReply> {
        let found = self.type_name();
        let output: Box<dyn Any> = match self.0 {
            Output::Receipt(receipt) => Box::new(receipt),
            Output::Other { output, .. } => {
                output.into_inner().unwrap_or_else(PoisonError::into_inner)
            }
        };
        match output.downcast() {
            Ok(output) => Ok(*output),
            Err(_) => Err(ForeignReply {
                wanted: std::any::type_name::<T>(),
                found,
            }),
        }
    }

    fn type_name(&self) -> &'static str {
        match &self.0 {
            Output::Receipt(_) => std::any::type_name::<Receipt>(),
            Output::Other { type_name, .. } => type_name,
        }
    }
}

impl fmt::Debug for CommandReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Output::Receipt(receipt) => f.debug_tuple("CommandReply").field(receipt).finish(),
            Output::Other { type_name, .. } => write!(f, "CommandReply({type_name})"),
        }
    }
}

/// A layer gave the reply of another command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the reply is a `{found}`, and not the `{wanted}` that the command gives")]
#[non_exhaustive]
pub struct ForeignReply {
    /// The type that the command gives.
    pub wanted: &'static str,
    /// The type of the reply.
    pub found: &'static str,
}
