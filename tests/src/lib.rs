//! What tests of several crates share: the stores of this workspace, as subjects of the conformance suite, a store that is
//! watched, and the work that goes on while something crashes.

pub mod crash_bank;
mod crash_load;
pub mod crash_schedules;
pub mod crash_transfers;
mod memory;
mod notes;
mod orphan;
mod postgres;
mod postgres_rls;
mod sqlite;
mod watched_store;

pub use crash_load::{CrashCounts, CrashLoad};
pub use memory::MemorySubject;
pub use notes::Notes;
pub use orphan::end_with_standard_input;
pub use postgres::PostgresSubject;
pub use postgres_rls::PostgresRlsSubject;
pub use sqlite::SqliteSubject;
pub use watched_store::WatchedStore;
