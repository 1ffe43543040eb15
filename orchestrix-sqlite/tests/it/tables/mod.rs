//! Projections that write tables of their own, in apps on this store.

mod failures;
mod nodes;
mod resets;
mod shelf;
mod turns;
