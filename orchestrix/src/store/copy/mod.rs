//! Copying a log from one store to another, and proving that the copy is one.
//!
//! For moving from one database to another, and for a second copy elsewhere that is brought up to date now and then.
//!
//! What is copied is the log: every event with its stream and tenant, version, id, type, schema version, time, metadata,
//! payload and tags, in the order of the log. What is not:
//!
//! - Positions. They increase in the copy as they do in the source, but they are other numbers. Whoever kept one (a
//!   checkpoint, a cursor of a client) begins anew.
//! - Read models and checkpoints. They follow from the log: an app that starts on the copy builds them anew.
//! - [Idempotency keys](super::IdempotencyKey). They belong to the requests of those who wrote to the source. A request
//!   that is repeated on the copy is a new one, unless its events have the same ids.
//! - That streams were archived, unless [asked for](CopyLog::archive_streams).

mod archive;
mod call;
mod difference;
mod digest;
mod error;
mod log;
mod report;
mod resume;
mod verify;

pub use difference::{Difference, EventPart, EventPlace};
pub use digest::LogDigest;
pub use error::{CopyError, VerifyError};
pub use log::CopyLog;
pub use report::CopyReport;
