//! The names of spans and of their fields, in one place. Payloads are never recorded.

#[cfg(feature = "metrics")]
#[cfg_attr(docsrs, doc(cfg(feature = "metrics")))]
pub mod metrics;

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
/// One call of a saga's step or compensation.
pub const SAGA_STEP: &str = "orchestrix.saga.step";
/// One call of an event handler in a replay.
pub const REPLAY_EVENT: &str = "orchestrix.replay.handle";
/// Waiting for a [lock](crate::store::LockStore).
pub const LOCK: &str = "orchestrix.lock";

/// The command's name.
pub const COMMAND: &str = "orchestrix.command";
/// The stream's name, with its tenant.
pub const STREAM: &str = "orchestrix.stream";
/// The version the stream is at.
pub const VERSION: &str = "orchestrix.version";
/// A saga's name.
pub const SAGA: &str = "orchestrix.saga";
/// The name of a step or a compensation.
pub const STEP: &str = "orchestrix.step";
/// How many times the command was decided, or the step was run.
pub const ATTEMPTS: &str = "orchestrix.attempts";
/// The id of the chain of messages.
pub const CORRELATION_ID: &str = "orchestrix.correlation_id";
/// How many events.
pub const EVENT_COUNT: &str = "orchestrix.event_count";
/// How many appends share one round trip.
pub const APPEND_COUNT: &str = "orchestrix.append_count";
/// How many failures there were in a row.
pub const FAILURES: &str = "orchestrix.failures";
/// What went wrong, with its causes; without what a payload holds.
pub const ERROR: &str = "orchestrix.error";
/// The subscription's name.
pub const SUBSCRIPTION: &str = "orchestrix.subscription";
/// A global position.
pub const POSITION: &str = "orchestrix.position";
/// The stored name of an event's type.
pub const EVENT_TYPE: &str = "orchestrix.event_type";
/// The name of a node.
pub const NODE: &str = "orchestrix.node";
/// The name of a lease, which is that of the checkpoint it is for.
pub const LEASE: &str = "orchestrix.lease";
/// The key of a lock.
pub const LOCK_KEY: &str = "orchestrix.lock_key";
/// How long a lock is waited for at most.
pub const LOCK_WAIT: &str = "orchestrix.lock_wait";
/// Whether a lock was got.
pub const LOCK_ACQUIRED: &str = "orchestrix.lock_acquired";
/// Which database: the path of a file, or the name on a server.
pub const DATABASE: &str = "orchestrix.database";
/// The number of the database's schema: how many migrations it has had.
pub const SCHEMA: &str = "orchestrix.schema";
/// The settings of the database that the store's promises rest on.
pub const SETTINGS: &str = "orchestrix.settings";
/// How many pieces of work share one transaction.
pub const JOBS: &str = "orchestrix.jobs";
/// The first position that readers wait for.
pub const FIRST_MISSING: &str = "orchestrix.first_missing";
/// Who readers wait for, in the database's words.
pub const HOLDERS: &str = "orchestrix.holders";

/// A decision from `decide` to its receipt.
pub const DECIDE: &str = "orchestrix.decide";
/// What handles a command: its stream, or its module.
pub const TARGET: &str = "orchestrix.target";
/// What became of a call that passed through [`Logging`](crate::middleware::Logging): `done`, `rejected`, `failed` or
/// `abandoned`.
pub const OUTCOME: &str = "orchestrix.outcome";
/// How long a call took.
pub const TOOK: &str = "orchestrix.took";

/// The id of something scheduled.
pub const SCHEDULE: &str = "orchestrix.schedule";

/// The Rust type of a decision's model.
pub const MODEL: &str = "orchestrix.model";
