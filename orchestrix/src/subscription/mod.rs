//! The one engine for everything that reads the log: projections, event handlers, and what will come.
//!
//! Catch-up and live are one loop: read the page after the checkpoint, consume it, move the checkpoint, sleep until
//! woken. Wake-ups only hint; the log is read.

mod circuit_breaker;
mod control;
mod delivery;
mod engine;
mod error_policy;
mod failure_kind;
mod failures;
mod faults;
mod laned_checkpoint;
mod leasing;
mod logged;
pub(crate) mod panic;
mod retry_policy;
mod status;
mod status_sender;
mod subscriber;
#[expect(clippy::module_inception, reason = "it is named after what it holds")]
mod subscription;
mod unknown;

pub use circuit_breaker::{CircuitBreaker, CircuitBreakerError, CircuitState};
pub(crate) use control::{Control, Told};
pub use delivery::{Delivery, StartFrom};
pub(crate) use engine::{Engine, OtherCheckpoints, Parked, event_of};
pub use error_policy::ErrorPolicy;
pub use failure_kind::{DeliveryTimeout, FailureKind};
pub(crate) use failures::{FailureObserver, Failures};
pub use failures::{FailureReaction, RECENT_FAILURES, SubscriptionFailure};
pub(crate) use laned_checkpoint::LanedCheckpoint;
pub(crate) use leasing::{Coordinator, Grant, HeldLease, LeaseEnd, LeaseUnits};
pub(crate) use logged::logged;
pub use panic::CaughtPanic;
pub use retry_policy::{RetryPolicy, RetryPolicyError};
pub use status::{CircuitOf, SubscriptionState, SubscriptionStatus};
pub(crate) use status_sender::StatusSender;
pub(crate) use subscriber::{Batch, Consumed, Subscriber};
pub use subscriber::{ConsumeError, MAX_SUBSCRIPTION_NAME_BYTES};
pub use subscription::Subscription;
pub use unknown::UnknownSubscription;
