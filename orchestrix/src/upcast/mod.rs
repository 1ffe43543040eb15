//! The way of an old event to the current shape.
//!
//! `#[upcast]` functions go one schema version up each; every read path sends older events through all of them. That
//! none is missing is checked by the compiler: `#[derive(Event)]` with schema version n demands the upcaster from
//! n - 1, and each upcaster those below it.

mod chain;
mod hop;

#[cfg(test)]
mod tests;

pub use chain::{Chain, UpcastError};
pub use hop::{Hop, UpcastFrom, check_hop, check_json_hop, fallible_json_hop, json_hop, typed_hop};
