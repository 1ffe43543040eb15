//! Event-sourced and message-driven applications.
extern crate self as orchestrix;

pub mod error;
pub mod message;
pub mod store;
