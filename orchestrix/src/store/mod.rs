//! Ports to databases, and the types they speak in.
//!
//! Streams of erased events go in by [`EventStore::append`] and come out by stream or by position. Which database
//! stands behind is decided in one line of an app; [`MemoryStore`] is the one for unit tests.

mod append;
mod appender;
mod backend;
mod changes;
mod checkpoint;
mod event_data;
mod event_store;
mod memory;
mod payload;
mod read;
mod read_model;
mod stream_id;
mod version;

pub use append::{Append, AppendError, Appended, AppendedStream, StreamWrite};
pub(crate) use appender::Appender;
pub use backend::{Backend, Ports};
pub use changes::{ChangeSignal, Changes};
pub use checkpoint::{CheckpointError, CheckpointStore};
pub use event_data::{EventData, RecordedEvent};
pub use event_store::EventStore;
pub use memory::MemoryStore;
pub use payload::Payload;
pub use read::{Direction, Filter, MAX_PAGE, Page, ReadAll, ReadError, ReadStream};
pub use read_model::{Document, DocumentWrite, ReadModelCommit, ReadModelError, ReadModelStore};
pub use stream_id::{MAX_STREAM_NAME_BYTES, MAX_TENANT_BYTES, NameError, StreamId, TenantId};
pub use version::{ExpectedVersion, GlobalPosition, StreamVersion};
