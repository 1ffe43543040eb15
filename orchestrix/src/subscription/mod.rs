//! The one engine for everything that reads the log: projections, event handlers, and what will come.
//!
//! Catch-up and live are one loop: read the page after the checkpoint, consume it, move the checkpoint, sleep until
//! woken. Wake-ups only hint; the log is read.

mod consumer;
mod engine;
mod failure;
mod handler;
pub(crate) mod panic;
mod progress;

pub use consumer::ConsumeError;
pub(crate) use consumer::{Consumed, Consumer};
pub(crate) use engine::Engine;
pub(crate) use handler::HandlerConsumer;
pub(crate) use progress::ProgressSender;
pub use progress::{Progress, SubscriptionState, SubscriptionStatus};
