//! Ports to databases, and the types they speak in.
//!
//! Streams of erased events go in by [`EventStore::append`] and come out by stream or by position. Which database
//! stands behind is decided in one line of an app; [`MemoryStore`] is the one for unit tests.

mod append;
mod appender;
mod backend;
mod changes;
mod checkpoint;
pub mod copy;
mod dead_letter;
mod document_query;
mod event_data;
mod event_query;
mod event_store;
mod health;
mod idempotency_key;
mod inline;
mod lane;
mod lease;
mod limits;
mod lock;
mod memory;
mod name;
mod payload;
mod process_locks;
mod read;
mod read_model;
mod rebuild;
mod schedule;
mod stream_id;
mod streaming;
mod tag;
mod transaction;
mod version;

pub use append::{
    Append, AppendCondition, AppendError, Appended, AppendedStream, MAX_EVENT_TYPE_BYTES,
    StreamWrite,
};
pub(crate) use appender::{Appender, BesideAppends};
pub use backend::{Backend, Ports};
pub use changes::{ChangeSignal, Changes};
pub use checkpoint::{CheckpointError, CheckpointMove, CheckpointStore};
pub use dead_letter::{DeadLetter, DeadLetterRequest, DeadLetterSelection, DeadLetterStore};
pub use document_query::{
    DocumentOrder, DocumentPlace, DocumentQuery, FoundDocument, IndexCondition, IndexRange,
};
pub use event_data::{EventData, RecordedEvent};
pub use event_query::{EventQuery, QueryItem};
pub use event_store::EventStore;
pub use health::{HeadStall, StoreHealth, StoreSetting};
pub use idempotency_key::{IdempotencyKey, MAX_IDEMPOTENCY_KEY_BYTES};
pub(crate) use inline::expected_version;
pub use inline::{InlinePlace, InlineWrite, ProgressMove};
pub(crate) use lane::hash;
pub use lane::{Lane, MAX_LANES};
pub use lease::{Fence, Lease, LeaseError, LeaseStore, LeaseView, MAX_LEASE, Node, NodeId};
pub use limits::{Limit, Limits};
pub use lock::{HeldLock, Lock, LockError, LockKey, LockStore, MAX_LOCK_NAME_BYTES};
pub use memory::MemoryStore;
pub use name::NameError;
pub(crate) use name::check_name;
pub use payload::Payload;
pub use process_locks::{ProcessLock, ProcessLocks};
pub use read::{Direction, Filter, MAX_PAGE, Page, ReadAll, ReadError, ReadStream};
pub use read_model::{Document, DocumentWrite, ReadModelCommit, ReadModelError, ReadModelStore};
pub use rebuild::{ReadModelUpkeep, Rebuild, RebuildStore, SwitchBuild};
pub use schedule::{
    MAX_SCHEDULE_ID_BYTES, ScheduleId, ScheduleOutcome, ScheduleStore, ScheduleStoreError,
    Scheduled,
};
pub use stream_id::{MAX_STREAM_NAME_BYTES, MAX_TENANT_BYTES, StreamId, TenantId};
pub use streaming::EventStoreExt;
pub use tag::{MAX_TAG_BYTES, Tag};
pub use transaction::{
    BeginTransaction, CheckpointPlace, EndTransaction, StoreTransaction, TransactionalStore,
};
pub use version::{ExpectedVersion, GlobalPosition, PlaceError, StreamVersion};
