//! The one engine for everything that reads the log: projections, event handlers, and what will come.
//!
//! Catch-up and live are one loop: read the page after the checkpoint, consume it, move the checkpoint, sleep until
//! woken. Wake-ups only hint; the log is read.

mod engine;
mod logged;
pub(crate) mod panic;
mod status;
mod subscriber;

pub(crate) use engine::Engine;
pub(crate) use status::StatusSender;
pub use status::{SubscriptionState, SubscriptionStatus};
pub use subscriber::{ConsumeError, MAX_SUBSCRIPTION_NAME_BYTES};
pub(crate) use subscriber::{Consumed, Subscriber};
