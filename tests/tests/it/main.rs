//! Conformance of every store of this workspace, and of broken ones.

mod conformance_memory;
mod conformance_postgres;
mod conformance_postgres_rls;
mod conformance_sqlite;
mod copy;
mod dcb;
mod dead_letters;
mod faults;
mod history;
mod idempotency;
mod inline;
mod mutants;
mod nodes;
mod own_subscriptions;
mod proxy;
mod rebuild;
mod sagas;
mod scheduling;
mod streaming;
mod suite;
mod tenants;
mod torture;
