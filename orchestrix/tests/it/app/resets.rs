//! Subscriptions that are set back.

mod holding_up;
mod nodes;
mod refusing;
mod repeating;
