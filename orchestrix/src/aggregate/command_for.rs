//! The decision of an aggregate on a command.

use super::{Aggregate, CommandContext};
use crate::message::StreamCommand;
use crate::store::StreamVersion;

/// The command is handled by the aggregate `A`; only one such `A` exists for it, so `app.dispatch(command)` finds it.
#[diagnostic::on_unimplemented(
    message = "no aggregate handles `{Self}`",
    label = "not a command of `{A}`",
    note = "add a method `#[handle] fn ..(&self, cmd: {Self})` to an `#[aggregate]` impl block"
)]
pub trait CommandFor<A: Aggregate>: StreamCommand {
    /// The domain's own error.
    type Error: Send + Sync + 'static;

    /// Whether it creates, and so is decided on an absent stream: the store is not asked for one before the append,
    /// whose expected version tells.
    const CREATES: bool = false;

    /// Decides: events, or a refusal. Pure: what it needs of the world is in `cx`.
    ///
    /// # Errors
    /// [`Declined`].
    fn decide(
        &self,
        current: Current<'_, A>,
        cx: &CommandContext,
    ) -> Result<Vec<A::Event>, Declined<Self::Error>>;
}

/// The aggregate as it is when a command is decided.
#[derive(Debug)]
pub struct Current<'a, A> {
    state: Option<&'a A>,
    version: StreamVersion,
}

impl<'a, A> Current<'a, A> {
    /// A state, and the version of the stream it is the sum of.
    pub fn new(state: Option<&'a A>, version: StreamVersion) -> Self {
        Self { state, version }
    }

    /// Where the stream stands.
    pub fn version(&self) -> StreamVersion {
        self.version
    }

    /// The state, for a handler that needs one.
    ///
    /// # Errors
    /// [`Declined::NotFound`] when there is none.
    pub fn existing<E>(&self) -> Result<&'a A, Declined<E>> {
        self.state.ok_or(Declined::NotFound)
    }

    /// Nothing, for a handler that creates.
    ///
    /// # Errors
    /// [`Declined::AlreadyExists`] when the stream has events.
    pub fn absent<E>(&self) -> Result<(), Declined<E>> {
        match self.version {
            StreamVersion::NONE => Ok(()),
            _ => Err(Declined::AlreadyExists),
        }
    }
}

/// Why a command gave no events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declined<E> {
    /// The domain says no.
    Rejected(E),
    /// The instance does not exist.
    NotFound,
    /// The instance exists already.
    AlreadyExists,
}
