//! Projections that write tables of their own, in apps on this store.

mod breaks;
mod failures;
mod nodes;
mod shelf;
mod tenants;
