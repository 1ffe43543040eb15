//! Handlers called again with what the log holds.

mod bounds;
mod failing;
mod narrowing;
mod refusing;
mod search;
mod working;
