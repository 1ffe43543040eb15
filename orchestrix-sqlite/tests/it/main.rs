//! What the conformance suite cannot know of a store: that it is a file, which several processes share, which may be
//! somebody else's, damaged, locked or full.

mod closing;
mod damage;
mod fixture;
mod grouping;
mod in_memory;
mod limits;
mod opening;
mod processes;
mod reading;
