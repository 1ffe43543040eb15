//! What the conformance suite cannot know of a store: that it is a file, which several processes share, which may be
//! somebody else's, damaged, locked or full.

mod archiving;
mod closing;
mod damage;
mod fixture;
mod grouping;
mod health;
mod in_memory;
mod limits;
mod locking;
mod opening;
mod processes;
mod reading;
mod tables;
mod tagging;
mod upgrading;
