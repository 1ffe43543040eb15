//! What becomes of events that fail: retries, error policies, time limits, circuit breakers; where a subscription begins,
//! and how it is paused.

mod dead_letters;
mod failing;
mod halting;
mod limits;
mod post;
mod retries;
mod skipping;
mod starting;
mod stopping;
mod telling;

pub(super) use post::{Calls, DELIVER, Post, TOTAL, counted, posting};
