//! The PostgreSQL store of orchestrix: version 15 or later, tables in a schema of its own.
//!
//! ```no_run
//! use orchestrix_postgres::{PostgresOptions, PostgresStore};
//! # async fn example() -> Result<(), orchestrix_postgres::PostgresError> {
//! let store = PostgresStore::connect("postgres://app@localhost/shop").await?;
//!
//! let options = PostgresOptions::new("postgres://app@localhost/shop").with_max_connections(20).with_schema("orders");
//! let other = PostgresStore::connect_with(options).await?;
//! # Ok(()) }
//! ```
//!
//! # Order
//!
//! A batch of appends is one call of a database function, so one round trip and one transaction. Before it draws
//! positions it takes the schema's *fence*, a shared advisory lock that it holds to the end of its transaction and
//! whose key carries the last position drawn before. Readers go no further than the positions of which nobody who
//! holds the fence can still bring one: what they have read is never added to. See [`PostgresStore::head_stall`].

mod append;
mod checkpoint;
mod database;
mod error;
mod head;
mod migrate;
mod notify;
mod options;
mod read;
mod read_model;
mod row;
mod schema;
mod store;

pub use error::PostgresError;
pub use head::{HeadStall, Holder};
pub use options::{DEFAULT_SCHEMA, PostgresOptions};
pub use store::PostgresStore;
