//! The bank's domain. Nothing here knows where it is stored.
//!
//! Money is pence in an `i64`. A transfer takes it from one account, which holds it until the transfer has ended, and
//! brings it to another; where that is refused, the first has it back.

mod account;
mod transfer;

pub use account::*;
pub use transfer::*;
