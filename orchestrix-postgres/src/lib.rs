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
//!
//! # Limits
//!
//! Nothing here waits for ever, also when the network goes silent and no error ever comes: a call waits for a
//! connection up to the [acquire time-out](PostgresOptions::with_acquire_timeout) and for the answer to each of its
//! statements up to the [answer time-out](PostgresOptions::with_answer_timeout), ten minutes for migrations. What was
//! not answered in time fails as unavailable, an append as indeterminate, for it may have been done. The connection is
//! closed and replaced. Commands leave one connection to subscriptions.

mod append;
mod archive;
mod checkpoint;
mod database;
mod dead_letter;
mod document_query;
mod error;
mod head;
mod health;
mod lease;
mod locks;
mod migrate;
mod notify;
mod options;
mod owner;
mod partitioning;
mod progress;
mod read;
mod read_model;
mod rebuild;
mod row;
mod row_security;
mod schedule;
mod schema;
mod store;
mod table_transaction;

pub use error::PostgresError;
pub use head::{HeadStall, Holder};
pub use options::{DEFAULT_SCHEMA, PostgresOptions};
pub use partitioning::Partitioning;
pub use store::PostgresStore;
pub use table_transaction::PostgresTransaction;

/// The driver, of the version that [`PostgresTransaction`] speaks of.
pub use sqlx;

/// The examples of the operators' guide are tests too.
#[cfg(doctest)]
#[doc = include_str!("../../docs/postgresql.md")]
struct OperatorsGuide;
