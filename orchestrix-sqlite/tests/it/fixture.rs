//! A store in a folder of its own, and short ways to write to it.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use orchestrix::store::{
    Append, AppendError, Appended, EventData, EventStore, ExpectedVersion, LockKey, Payload,
    ReadAll, ReadStream, RecordedEvent, StreamId, Tag, TenantId,
};
use orchestrix_sqlite::{SqliteOptions, SqliteStore};
use rusqlite::Connection;
use tempfile::TempDir;

/// A folder with a path for a store in it.
pub(crate) struct Place {
    _folder: TempDir,
    pub(crate) path: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self {
            path: folder.path().join("events.db"),
            _folder: folder,
        }
    }

    pub(crate) fn options(&self) -> SqliteOptions {
        SqliteOptions::new(&self.path)
    }

    pub(crate) async fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.path)
            .await
            .expect("the store opens")
    }

    /// Somebody else at the same file.
    pub(crate) fn stranger(&self) -> Connection {
        Connection::open(&self.path).expect("the file opens")
    }

    /// Somebody else who writes; the store's writer waits until it ends.
    pub(crate) fn lock(&self) -> FileLock {
        let connection = self.stranger();
        connection
            .execute_batch("BEGIN IMMEDIATE")
            .expect("nobody else writes");
        FileLock(connection)
    }

    pub(crate) fn wal(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push("-wal");
        name.into()
    }
}

/// Keeps everybody else from writing until dropped.
pub(crate) struct FileLock(Connection);

impl Drop for FileLock {
    fn drop(&mut self) {
        self.0
            .execute_batch("ROLLBACK")
            .expect("the transaction is open");
    }
}

pub(crate) fn stream(key: &str) -> StreamId {
    StreamId::new("account", key).expect("a valid name")
}

pub(crate) fn event(kind: &str) -> EventData {
    EventData::new(kind, 1, Payload::of(&kind).expect("text is JSON"))
}

pub(crate) fn event_of_size(bytes: usize) -> EventData {
    EventData::new(
        "Large",
        1,
        Payload::of(&"x".repeat(bytes)).expect("text is JSON"),
    )
}

pub(crate) fn tag(text: &str) -> Tag {
    Tag::new(text).expect("a valid tag")
}

pub(crate) fn tagged(kind: &str, tags: &[&str]) -> EventData {
    event(kind).with_tags(tags.iter().copied().map(tag))
}

pub(crate) fn lock_key(name: &str) -> LockKey {
    LockKey::new(TenantId::default(), name).expect("a valid name")
}

/// Events for one stream, whatever is there.
pub(crate) fn any(key: &str, events: Vec<EventData>) -> Append {
    Append::new(stream(key), ExpectedVersion::Any, events)
}

pub(crate) async fn append_one(
    store: &SqliteStore,
    append: Append,
) -> Result<Appended, AppendError> {
    store.append(vec![append]).await.remove(0)
}

pub(crate) async fn stream_of(store: &SqliteStore, key: &str) -> Vec<RecordedEvent> {
    store
        .read_stream(ReadStream::forward(stream(key)))
        .await
        .expect("the stream is read")
}

/// Everything behind the start, page by page.
pub(crate) async fn whole_log(store: &SqliteStore) -> Vec<RecordedEvent> {
    let mut events = Vec::new();
    let mut after = orchestrix::store::GlobalPosition::START;
    loop {
        let page = store
            .read_all(ReadAll::after(after))
            .await
            .expect("the log is read");
        events.extend(page.events);
        after = page.scanned_to;
        if page.at_head {
            return events;
        }
    }
}

/// A call that has been made but not answered: polled once.
pub(crate) fn begun<'a, T>(
    call: impl Future<Output = T> + Send + 'a,
) -> Pin<Box<dyn Future<Output = T> + Send + 'a>> {
    let mut call = Box::pin(call);
    let poll = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(
        matches!(poll, Poll::Pending),
        "the call was answered at once"
    );
    call
}

/// How many transactions stand in a WAL: frames that say how large the database is after them.
pub(crate) fn commits_in(wal: &Path) -> usize {
    const HEADER: usize = 32;
    const FRAME: usize = 24 + 4_096;
    let bytes = std::fs::read(wal).expect("the WAL is there");
    bytes[HEADER..]
        .chunks_exact(FRAME)
        .filter(|frame| frame[4..8] != [0; 4])
        .count()
}
