//! Which of the subscriptions, and of their lanes, this node serves.
//!
//! Each node says from time to time that it lives and renews its leases; the store tells it the others. From that every
//! node works out the same [assignment], gives back what is another's and takes what is its own and free. So nobody has
//! to lead. What goes wrong in between costs time, not truth: a checkpoint moves only under a lease that holds.

mod assignment;
mod coordinator;
mod grant;
mod node_lock;

pub(crate) use coordinator::{Coordinator, LeaseUnits};
pub(crate) use grant::{Grant, HeldLease, LeaseEnd};
