//! The names of spans and of their fields, in one place. Payloads are never recorded.

/// A command from `dispatch` to its receipt.
pub const DISPATCH: &str = "orchestrix.dispatch";
/// One call of the store's `append`.
pub const APPEND: &str = "orchestrix.append";
/// The replay of a stream, or of its tail.
pub const LOAD: &str = "orchestrix.load";
/// One read of a page for a subscription.
pub const SUBSCRIPTION_READ: &str = "orchestrix.subscription.read";
/// The work on one page of a subscription, checkpoint included.
pub const SUBSCRIPTION_CONSUME: &str = "orchestrix.subscription.consume";
/// One call of an event handler.
pub const HANDLE_EVENT: &str = "orchestrix.subscription.handle";

/// The command's name.
pub const COMMAND: &str = "orchestrix.command";
/// The stream's name, with its tenant.
pub const STREAM: &str = "orchestrix.stream";
/// The version the stream is at.
pub const VERSION: &str = "orchestrix.version";
/// How many times the command was decided.
pub const ATTEMPTS: &str = "orchestrix.attempts";
/// The id of the chain of messages.
pub const CORRELATION_ID: &str = "orchestrix.correlation_id";
/// How many events.
pub const EVENT_COUNT: &str = "orchestrix.event_count";
/// How many appends share one round trip.
pub const APPEND_COUNT: &str = "orchestrix.append_count";
/// The subscription's name.
pub const SUBSCRIPTION: &str = "orchestrix.subscription";
/// A global position.
pub const POSITION: &str = "orchestrix.position";
/// The stored name of an event's type.
pub const EVENT_TYPE: &str = "orchestrix.event_type";
