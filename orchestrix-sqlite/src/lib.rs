//! The SQLite store of `orchestrix`: one file, WAL, synced on every commit; the embedded default.
//!
//! ```
//! use orchestrix::store::{Append, EventData, EventStore, ExpectedVersion, Payload, ReadStream, StreamId};
//! use orchestrix_sqlite::SqliteStore;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! let store = SqliteStore::open(folder.path().join("shop.db")).await?;
//! let stream = StreamId::new("account", "7")?;
//! let opened = EventData::new("AccountOpened", 1, Payload::of(&serde_json::json!({ "owner": "Ada" }))?);
//! let append = Append::new(stream.clone(), ExpectedVersion::NoStream, vec![opened]);
//! for outcome in store.append(vec![append]).await {
//!     println!("stored at {}", outcome?.position);
//! }
//! assert_eq!(store.read_stream(ReadStream::forward(stream)).await?.len(), 1);
//! # Ok(()) }
//! ```
//!
//! # How it works
//!
//! - One thread writes. It gathers what waits, runs it in one transaction and answers after its commit: a lone append
//!   pays for one sync, a hundred concurrent ones share it. Refused appends do not touch their neighbours.
//! - For a projection with tables of its own the thread begins a transaction and does what it is told until that ends: see
//!   [`SqliteTransaction`]. Others who write wait meanwhile, a fifth of a second for each page as a rule.
//! - Reads run beside it on connections of their own, each on a snapshot. A filtered `read_all` goes through at most
//!   100,000 positions: its page may be short, or empty, and yet not be `at_head`; go on after `scanned_to`.
//! - Tags are looked up in rows of their own: a read, or a condition, all of whose items have tags goes through what has
//!   these tags, however long the log is. An item without tags goes through all that stands behind its position: inside
//!   of the one write transaction, where it is a condition.
//! - Archiving a stream moves its events to tables of their own, in one transaction; `read_all`, conditions and
//!   [`find_event`](orchestrix::store::EventStore::find_event) see them there.
//! - Acknowledged means durable: `synchronous=FULL`, read back when the store is opened, and by
//!   [`health`](orchestrix::store::Backend::health).
//! - Locks are locked files in a folder beside the database, `shop.db-locks`; the kernel releases those of a process that
//!   dies.
//! - Several processes may open one file; each sees what the others append within about 50 ms. The file must be on a
//!   local disk: WAL needs memory shared between the processes.
//! - The schema is kept up to date by migrations that run at opening. A file of another application or of a newer
//!   schema is refused and left as it is.

mod append;
mod archive;
mod change_watch;
mod checkpoint;
mod clause;
mod columns;
mod condition;
mod connection;
mod dead_letter;
mod document_query;
mod error;
mod failure;
mod health;
mod idempotency;
mod inline;
mod insert;
mod job;
mod lease;
mod lock_file;
mod locks;
mod migrate;
mod options;
mod payload;
mod read;
mod read_model;
mod readers;
mod rebuild;
mod recorded;
mod repeat;
mod schedule;
mod session;
mod store;
mod stream_state;
mod table_transaction;
mod tag_lookup;
mod tagged_page;
mod transaction;
mod writer;

pub use connection::SqliteSettings;
pub use error::SqliteError;
pub use failure::DriverError;
pub use options::SqliteOptions;
pub use store::SqliteStore;
pub use table_transaction::SqliteTransaction;

/// The driver, of the version that [`SqliteTransaction`] speaks of.
pub use rusqlite;
