//! What the domain said against a command of a saga.

use serde::de::DeserializeOwned;

use crate::message::Command;
use crate::store::Payload;

/// A command that a reaction asked for, and the domain refused.
///
/// ```
/// use orchestrix::prelude::*;
/// use orchestrix::saga::Rejection;
///
/// #[derive(Command, Serialize, Deserialize)]
/// struct Ship { #[id] order: u32 }
///
/// let rejection = Rejection::new(&Ship { order: 7 }, "there is no carrier")?;
/// assert_eq!(rejection.command(), "Ship");
/// assert_eq!(rejection.read::<Ship>().map(|ship| ship.order), Some(7));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Rejection {
    pub(super) command: String,
    pub(super) content: Payload,
    pub(super) reason: String,
}

impl Rejection {
    /// Of this command, for tests.
    ///
    /// # Errors
    /// The command cannot be written as JSON.
    pub fn new<C: Command + serde::Serialize>(
        command: &C,
        reason: impl Into<String>,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            command: C::NAME.to_owned(),
            content: Payload::of(command)?,
            reason: reason.into(),
        })
    }

    /// The name of the command.
    pub fn command(&self) -> &str {
        &self.command
    }

    /// The command; none where it is another one, or can be read no more.
    pub fn read<C: Command + DeserializeOwned>(&self) -> Option<C> {
        (self.command == C::NAME).then(|| self.content.read().ok())?
    }

    /// Why, in words for people: the domain's own error is told by its type only, since nothing says that it may be kept.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}
