//! A wrapper that makes any event store fail in the ways that networks and databases do.
//!
//! What happens to an append or a read is told by a script, or drawn from a seed. Without either, everything is passed on.
//!
//! ```
//! use std::sync::Arc;
//!
//! use orchestrix::prelude::*;
//! use orchestrix::testkit::faults::{AppendFault, FaultStore};
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let memory = MemoryStore::new();
//! let faulty = FaultStore::over(Arc::new(memory.clone()));
//! faulty.next([Some(AppendFault::AnswerLost), None, Some(AppendFault::Unavailable)]);
//! let app = Orchestrix::builder().isolated().store(memory).events(Arc::new(faulty.clone())).start().await?;
//! // The first append of the app is stored without an answer, the second goes well, the third is refused.
//! # app.shutdown().await?;
//! # Ok(()) }
//! ```

mod counts;
mod fault;
mod gate;
mod plan;
mod read_fault;
mod read_plan;
mod seeded;
mod store;

pub use counts::FaultCounts;
pub use fault::{AppendFault, InjectedFault};
pub use gate::Gate;
pub use plan::FaultOdds;
pub use read_fault::{InjectedReadFault, ReadCall, ReadFault};
pub(in crate::testkit) use seeded::Seeded;
pub use store::FaultStore;
