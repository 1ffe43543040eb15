//! Stores under load and faults: short by default, as long as `ORCHESTRIX_TORTURE` says.

mod conflict_storm;
mod crash_consumers;
mod crash_postgres;
mod crash_schedules;
mod crash_sqlite;
mod crash_transfers;
mod crash_verdict;
mod freeze_postgres;
pub(crate) mod in_database;
mod in_transaction;
mod lost_answers_postgres;
mod many_nodes;
mod order_postgres;
mod order_traps_postgres;
mod terminate_postgres;
mod timed_store;
mod told_process;
pub(crate) mod work;
