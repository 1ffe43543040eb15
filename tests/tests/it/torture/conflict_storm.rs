//! Thirty-two writers who all want the next version of one stream.

mod appending;
mod dispatching;

use std::sync::Arc;

use orchestrix::error::BoxError;
use orchestrix::store::{Backend, EventStore, MemoryStore, ReadStream, RecordedEvent, StreamId};
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use orchestrix_sqlite::SqliteStore;
use url::Url;

use super::in_database::{in_database, on_runtime};
use super::work::{PATIENCE, amount};

const WRITERS: usize = 32;
/// The version that the stream comes to at full size.
const FULL: usize = 2_000;
/// Each of them stands for a process of its own.
const STORES: usize = 4;

macro_rules! storm {
    ($($name:ident: $on:ident($run:path);)*) => {
        $(#[test]
        fn $name() -> Result<(), BoxError> {
            match amount(stringify!($name), FULL) {
                Some(versions) => $on(stringify!($name), versions, $run),
                None => Ok(()),
            }
        })*
    };
}

storm! {
    appends_on_one_stream_in_memory_only_conflict: in_memory(appending::storm);
    appends_on_one_stream_of_sqlite_only_conflict: on_sqlite(appending::storm);
    appends_on_one_stream_of_postgresql_only_conflict: on_postgres(appending::storm);
    commands_of_one_app_in_memory_all_succeed: in_memory(dispatching::in_one_app);
    commands_of_one_app_on_sqlite_all_succeed: on_sqlite(dispatching::in_one_app);
    commands_of_one_app_on_postgresql_all_succeed: on_postgres(dispatching::in_one_app);
    commands_of_several_apps_in_memory_lose_nothing: in_memory(dispatching::in_several_apps);
    commands_of_several_apps_on_sqlite_lose_nothing: on_sqlite(dispatching::in_several_apps);
    commands_of_several_apps_on_postgresql_lose_nothing: on_postgres(dispatching::in_several_apps);
}

/// Several open stores on the same contents.
type Stores = Vec<Arc<dyn Backend>>;

fn in_memory<F>(_: &str, versions: usize, run: impl Fn(Stores, usize) -> F) -> Result<(), BoxError>
where
    F: Future<Output = Result<(), BoxError>>,
{
    let store = MemoryStore::new();
    let stores = (0..STORES).map(|_| Arc::new(store.clone()) as Arc<dyn Backend>);
    on_runtime(run(stores.collect(), versions))
}

fn on_sqlite<F>(
    test: &str,
    versions: usize,
    run: impl Fn(Stores, usize) -> F,
) -> Result<(), BoxError>
where
    F: Future<Output = Result<(), BoxError>>,
{
    let folder = tempfile::Builder::new().prefix(test).tempdir()?;
    on_runtime(async {
        let mut stores = Stores::new();
        for _ in 0..STORES {
            let store = SqliteStore::open(folder.path().join("store.db")).await?;
            stores.push(Arc::new(store));
        }
        run(stores, versions).await
    })
}

fn on_postgres<F>(
    test: &str,
    versions: usize,
    run: impl Fn(Stores, usize) -> F,
) -> Result<(), BoxError>
where
    F: Future<Output = Result<(), BoxError>>,
{
    in_database(test, async |url: Url| {
        let mut stores = Stores::new();
        for _ in 0..STORES {
            let options = PostgresOptions::new(url.as_str()).with_acquire_timeout(PATIENCE);
            stores.push(Arc::new(PostgresStore::connect_with(options).await?));
        }
        run(stores, versions).await
    })
}

/// A stream from its first event to its last.
async fn whole(store: &dyn EventStore, stream: &StreamId) -> Result<Vec<RecordedEvent>, BoxError> {
    let mut events: Vec<RecordedEvent> = Vec::new();
    loop {
        let next = events
            .last()
            .map(|event| event.version)
            .unwrap_or_default()
            .next();
        let page = store
            .read_stream(ReadStream::forward(stream.clone()).from(next))
            .await?;
        if page.is_empty() {
            return Ok(events);
        }
        events.extend(page);
    }
}
