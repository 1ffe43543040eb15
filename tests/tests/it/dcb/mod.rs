//! Decisions over tags on every store: the scenarios of <https://dcb.events>, and deciders that meet.

mod courses;
mod overlapping;
mod scenarios;
pub(crate) mod stores;
mod storm;
