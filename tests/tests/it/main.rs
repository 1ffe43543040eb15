//! Conformance of every store of this workspace, and of broken ones.

mod conformance_memory;
mod conformance_postgres;
mod conformance_sqlite;
mod faults;
mod history;
mod mutants;
mod proxy;
mod suite;
mod torture;
