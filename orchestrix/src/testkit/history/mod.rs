//! A history of what workers did to a store, and a checker that proves from it what the store kept.
//!
//! A [`Recorder`] notes each call before it is made and each answer after it came. After the faults have stopped, the
//! store is read as a whole into [`Contents`], and [`check`] proves that
//!
//! - what was acknowledged is stored, at the versions and the position that were acknowledged,
//! - what was refused is not stored, and what has no known outcome is stored as a whole or not at all,
//! - every stored event was appended by somebody, once, and stands where the append put it,
//! - versions are dense, positions increase, and the log holds each stream in its order,
//! - a stream read is a part of the stream as it is in the end, and holds all that was acknowledged before the call,
//! - nothing turned up behind a place that a reader of the log had passed.
//!
//! The check takes time about linear in the history and the contents. An event's id must belong to one append: workers
//! may send an append again as a whole, but not some of its events in another one.
//!
//! ```
//! use orchestrix::store::{Append, EventData, ExpectedVersion, MemoryStore, Payload, ReadStream, StreamId};
//! use orchestrix::testkit::history::{Contents, Recorder, check};
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = MemoryStore::new();
//! let recorder = Recorder::new();
//! let worker = recorder.worker(1);
//! let stream = StreamId::new("account", "7")?;
//! let opened = EventData::new("AccountOpened", 1, Payload::of(&"{}")?);
//! worker.append(&store, Append::new(stream.clone(), ExpectedVersion::NoStream, vec![opened])).await?;
//! worker.read_stream(&store, ReadStream::forward(stream)).await?;
//!
//! let history = recorder.history();
//! let contents = Contents::of(&store, history.streams()).await?;
//! let summary = check(&history, &contents).map_err(|violations| format!("{violations:?}"))?;
//! assert_eq!((summary.acknowledged_events, summary.stored_events), (1, 1));
//! # Ok(()) }
//! ```

mod acknowledged;
mod appends;
mod check;
mod claims;
mod contents;
mod lines;
mod operation;
mod reads;
mod recorder;
mod stored;
mod summary;
mod violation;

pub use check::check;
pub use contents::{Contents, Stored};
pub use lines::{History, LineError};
pub use operation::{Answer, Call, Operation, PlacedWrite, SeenEvent, WrittenStream};
pub use recorder::{Pending, Recorder, Worker};
pub use summary::Summary;
pub use violation::Violation;
