//! Transfers of the bank of the examples, for processes that are killed: who gives how much to whom, and what goes wrong
//! with it, follows from a seed.

mod faults;
mod node;
mod plan;

pub use faults::Faults;
pub use node::{TransferNode, keep_suspending, prepare, request_all, start_requests};
pub use plan::{ACCOUNTS, OPENING_PENCE, TransferPlan};

/// The subscription of the saga.
pub const TRANSFERS: &str = "saga.transfer";
