//! What becomes of events that fail: retries, error policies, time limits, circuit breakers; where a subscription begins,
//! and how it is paused.

mod failing;
mod post;
mod starting;
mod stopping;
