#![doc = include_str!("docs/crate.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate self as orchestrix;

pub mod aggregate;
pub mod app;
mod backoff;
pub mod clock;
pub mod decision;
pub mod error;
pub mod message;
pub mod middleware;
pub mod module;
pub mod prelude;
pub mod projection;
pub mod randomness;
pub mod registry;
pub mod saga;
pub mod schedule;
pub mod store;
pub mod subscription;
pub mod telemetry;
pub mod tenant;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod upcast;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(feature = "macros")]
pub use orchestrix_macros::{Command, Event, Id, aggregate, module, projection, saga, upcast};

/// The README's examples are tests too.
#[cfg(all(doctest, feature = "macros"))]
#[doc = include_str!("../../README.md")]
struct Readme;
