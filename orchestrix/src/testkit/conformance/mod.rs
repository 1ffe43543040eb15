//! One suite for every store: what the ports promise, as behaviours that can be run.
//!
//! Each behaviour is one async function over a [`StoreUnderTest`] that opens the store, uses its ports, and returns the
//! first [`Violation`] it finds. [`conformance_tests!`](crate::testkit::conformance_tests) makes a `#[test]` of each;
//! [`BEHAVIOURS`] lists them for other uses. What a store need not be able to do is told by its [`Capabilities`],
//! and by nothing else.
//!
//! With `ORCHESTRIX_QUICK=1` in the environment the longest behaviours are ten times shorter.
//!
//! ```
//! use std::sync::Arc;
//!
//! use orchestrix::error::BoxError;
//! use orchestrix::store::{Backend, MemoryStore};
//! use orchestrix::testkit::conformance::{Capabilities, Capability, StoreUnderTest};
//!
//! /// Clones share their contents, so the store is kept while it is closed.
//! struct InMemory(MemoryStore);
//!
//! #[async_trait::async_trait]
//! impl StoreUnderTest for InMemory {
//!     fn capabilities(&self) -> Capabilities {
//!         Capabilities::none().with(Capability::Durable).with(Capability::Shared)
//!     }
//!
//!     async fn open(&self) -> Result<Arc<dyn Backend>, BoxError> {
//!         Ok(Arc::new(self.0.clone()))
//!     }
//! }
//!
//! mod memory_conforms {
//!     use super::*;
//!     orchestrix::testkit::conformance_tests!(|_name| InMemory(MemoryStore::new()));
//! }
//! # fn main() {}
//! ```

pub mod append;
pub mod archive;
pub mod archiving;
pub mod binary;
pub mod cancellation;
pub mod checkpoints;
pub mod concurrency;
pub mod conditions;
pub mod dead_letters;
pub mod decisions;
pub mod document_indexes;
pub mod document_queries;
pub mod documents;
pub mod dropping;
pub mod due_letters;
pub mod expectations;
pub mod fences;
pub mod filters;
pub mod firing;
pub mod free_keys;
pub mod health;
pub mod idempotency_keys;
pub mod inline;
pub mod inline_builds;
pub mod inline_races;
pub mod inline_refusals;
pub mod key_lookups;
pub mod leases;
pub mod lifecycle;
pub mod limits;
pub mod locks;
pub mod lookup;
pub mod model;
pub mod names;
pub mod payloads;
pub mod progress;
pub mod queries;
pub mod read_all;
pub mod read_models;
pub mod read_stream;
pub mod rebuild_lists;
pub mod rebuilds;
pub mod repeats;
pub mod resets;
pub mod schedules;
pub mod selections;
pub mod streaming;
pub mod switch_races;
pub mod switching;
pub mod tags;
pub mod tailing;
pub mod unindexed;

mod behaviour;
mod behaviours;
mod building;
mod built;
mod indexed;
mod inlining;
mod leasing;
mod opened;
mod parking;
mod polling;
mod samples;
mod subject;
mod test_run;
mod violation;

pub use behaviour::Behaviour;
pub use behaviours::BEHAVIOURS;
pub use subject::{Capabilities, Capability, StoreUnderTest};
#[doc(hidden)]
pub use test_run::run_as_test;
pub use violation::Violation;
