//! Intents.

/// A request to do something, which may be refused.
///
/// Derive it. The field marked `#[id]` names the stream; a command that a module handles, and that concerns no single
/// stream, is marked `#[command(no_id)]`.
///
/// ```
/// use orchestrix::prelude::*;
///
/// #[derive(Command, Serialize, Deserialize)]
/// struct Deposit { #[id] account: u32, pence: i64 }
///
/// assert_eq!(Deposit { account: 7, pence: 5 }.stream_key(), "7");
/// assert_eq!(Deposit::NAME, "Deposit");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a command",
    label = "not a command",
    note = "add `#[derive(Command)]` to `{Self}`"
)]
pub trait Command: Sized + Send + Sync + 'static {
    /// Its name, for people, traces and metrics.
    const NAME: &'static str;

    /// A copy, for a handler that takes the command by value: it may be asked again after a conflict.
    fn duplicate(&self) -> Self;
}

/// A command that names the stream it is for.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which stream it is for",
    label = "a command for an aggregate needs an id",
    note = "add `#[derive(Command)]` to `{Self}`, and mark the field that names the instance with `#[id]`"
)]
pub trait StreamCommand: Command {
    /// The key of the stream, from the field marked `#[id]`.
    fn stream_key(&self) -> String;
}
