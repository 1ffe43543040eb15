//! What tests of several crates share: the stores of this workspace, as subjects of the conformance suite.

mod memory;
mod postgres;
mod sqlite;

pub use memory::MemorySubject;
pub use postgres::PostgresSubject;
pub use sqlite::SqliteSubject;
