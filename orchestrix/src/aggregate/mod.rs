//! Aggregates: what decides.
//!
//! A command is decided on the state that its stream's events add up to, without I/O; the events it gives are appended
//! with the version that was decided on.

mod cache;
mod command_for;
mod context;
mod dispatch_error;
mod encoding;
mod events;
mod executor;
mod info;
mod keyed;
mod load;
mod origin;
mod queue;
mod receipt;
mod repeat;

use crate::message::Event;
use crate::schedule::StoredCommand;

pub(crate) use cache::StateCache;
pub use command_for::{CommandFor, Current, Declined};
pub use context::CommandContext;
pub use dispatch_error::DispatchError;
pub(crate) use encoding::{Encoded, Unencodable, encode};
pub use events::{HandlerOutput, IntoEvents};
pub(crate) use executor::{Executor, Locking};
pub use info::{AggregateInfo, CommandInfo};
pub use load::{LoadError, Loaded};
pub(crate) use origin::{CommandOrigin, chain_settings, origin_settings};
pub(crate) use queue::StreamQueues;
pub use receipt::{Receipt, ReceiptEvent};
pub(crate) use repeat::{FirstOutcome, Unrecalled};

/// State that is the sum of a stream's events, and decides commands.
///
/// `#[aggregate]` on an impl block writes this, from `#[apply]` and `#[handle]` methods. By hand it is:
///
/// ```
/// use orchestrix::aggregate::{BrokenStream, CommandInfo};
/// use orchestrix::prelude::*;
///
/// #[derive(Event, Serialize, Deserialize)]
/// enum CounterEvent { Counted { by: u32 } }
///
/// #[derive(Default)]
/// struct Counter { total: u32 }
///
/// impl Aggregate for Counter {
///     const CATEGORY: &'static str = "counter";
///     type Event = CounterEvent;
///     fn initial() -> Option<Self> { Some(Counter::default()) }
///     fn apply(state: &mut Option<Self>, event: &CounterEvent) -> Result<(), BrokenStream> {
///         let CounterEvent::Counted { by } = event;
///         state.get_or_insert_default().total += by;
///         Ok(())
///     }
///     fn commands() -> Vec<CommandInfo> { Vec::new() }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an aggregate",
    label = "not an aggregate",
    note = "put `#[aggregate]` on an `impl {Self}` block with `#[handle]` and `#[apply]` methods"
)]
pub trait Aggregate: Sized + Send + Sync + 'static {
    /// The category of its streams, and its name.
    const CATEGORY: &'static str;

    /// All of its events.
    type Event: Event;

    /// The state before the first event: nothing where an event constructs it, else the default.
    fn initial() -> Option<Self>;

    /// Adds an event to the state.
    ///
    /// # Errors
    /// [`BrokenStream`] when the event cannot stand here: one that constructs where there is a state already, or one
    /// that changes where there is none.
    fn apply(state: &mut Option<Self>, event: &Self::Event) -> Result<(), BrokenStream>;

    /// Whether [`apply`](Aggregate::apply) takes the event where a state is there, or where none is: what it does not
    /// take is refused before it is appended. Without an impl of its own it says yes to everything, which is right for
    /// an `apply` that never fails.
    fn fits(state_exists: bool, event: &Self::Event) -> bool {
        let _ = (state_exists, event);
        true
    }

    /// The commands it handles, for the registry.
    fn commands() -> Vec<CommandInfo>;

    /// Those of its commands that can be [scheduled](crate::schedule). None, without an impl of its own.
    fn stored_commands() -> Vec<StoredCommand> {
        Vec::new()
    }
}

/// An event stands where it cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrokenStream {
    /// It changes a state that no earlier event constructed.
    #[error("the event changes a state that no earlier event has constructed")]
    NotConstructed,
    /// It constructs a state that is there already.
    #[error("the event constructs a state that is there already")]
    ConstructedTwice,
}
