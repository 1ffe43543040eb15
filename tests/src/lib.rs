//! What tests of several crates share: the stores of this workspace, as subjects of the conformance suite.

mod crash_load;
mod memory;
mod postgres;
mod sqlite;

pub use crash_load::CrashLoad;
pub use memory::MemorySubject;
pub use postgres::PostgresSubject;
pub use sqlite::SqliteSubject;
