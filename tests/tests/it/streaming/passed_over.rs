//! A long log of which a projection wants nothing: how far it was looked through is kept, so that the next app does not
//! look through it again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use orchestrix::store::{Backend, EventStore, GlobalPosition, Payload, StreamId};
use orchestrix_postgres::PostgresStore;
use orchestrix_sqlite::SqliteStore;
use tests::WatchedStore;
use tokio::runtime::Runtime;

use super::filling::fill;
use crate::torture::in_database::{in_database, on_runtime};
use crate::torture::work::{PATIENCE, amount};

/// At full size.
const FULL_EVENTS: usize = 500_000;
/// The last ones are appended while the app runs, so many at once. The checkpoint does not follow each of these portions.
const PORTIONS: usize = 13;
const PORTION: usize = 1_000;
/// As many positions may have been passed since the checkpoint moved.
const PASSED: u64 = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    ShutDown,
    /// Its tasks are not run any more, as if the process had been killed.
    Killed,
}

#[derive(Event, Serialize, Deserialize)]
struct Wanted {
    of: String,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Found {
    times: u64,
}

#[projection(key = of)]
impl Found {
    #[apply]
    fn found(&mut self, _: &Wanted) {
        self.times += 1;
    }
}

#[module(projections(Found))]
struct Finding;

#[test]
fn what_was_passed_before_a_shutdown_is_not_read_again_on_sqlite() -> Result<(), BoxError> {
    on_sqlite(
        "what_was_passed_before_a_shutdown_is_not_read_again_on_sqlite",
        Ending::ShutDown,
    )
}

#[test]
fn little_of_what_was_passed_before_a_kill_is_read_again_on_sqlite() -> Result<(), BoxError> {
    on_sqlite(
        "little_of_what_was_passed_before_a_kill_is_read_again_on_sqlite",
        Ending::Killed,
    )
}

#[test]
fn what_was_passed_before_a_shutdown_is_not_read_again_on_postgres() -> Result<(), BoxError> {
    on_postgres(
        "what_was_passed_before_a_shutdown_is_not_read_again_on_postgres",
        Ending::ShutDown,
    )
}

#[test]
fn little_of_what_was_passed_before_a_kill_is_read_again_on_postgres() -> Result<(), BoxError> {
    on_postgres(
        "little_of_what_was_passed_before_a_kill_is_read_again_on_postgres",
        Ending::Killed,
    )
}

fn on_sqlite(test: &str, ending: Ending) -> Result<(), BoxError> {
    let Some(events) = amount(test, FULL_EVENTS) else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("store.db");
    let open = async move || Ok(SqliteStore::open(&path).await?);
    on_runtime(check(open, events, ending))
}

fn on_postgres(test: &str, ending: Ending) -> Result<(), BoxError> {
    let Some(events) = amount(test, FULL_EVENTS) else {
        return Ok(());
    };
    in_database(test, |url| {
        let open = async move || Ok(PostgresStore::connect(url.as_str()).await?);
        check(open, events, ending)
    })
}

async fn check<S: Backend + EventStore + Clone>(
    open: impl AsyncFn() -> Result<S, BoxError>,
    events: usize,
    ending: Ending,
) -> Result<(), BoxError> {
    let writer = open().await?;
    let backlog = events.saturating_sub(PORTIONS * PORTION);
    append_unwanted(&writer, backlog).await?;

    let runtime = Runtime::new()?;
    let first = {
        let _entered = runtime.enter();
        Watched::start(open().await?).await?
    };
    let mut head = writer.head().await?;
    first.wait_for(head).await?;
    for _ in 0..PORTIONS {
        head = append_unwanted(&writer, PORTION).await?;
        first.wait_for(head).await?;
    }
    assert!(first.passed() >= events as u64, "{} passed", first.passed());
    if ending == Ending::ShutDown {
        first.app.shutdown().await?;
    }
    runtime.shutdown_background();
    drop(first);

    let next = Watched::start(open().await?).await?;
    let stream = StreamId::new("wanted", "1")?;
    let payload = Payload::of(&Wanted { of: "it".into() })?;
    let head = fill(&writer, &stream, "Wanted", &payload, 1).await?;
    assert_eq!(next.wait_for(head).await?, Some(Found { times: 1 }));
    // One of these positions is the wanted one.
    let most = match ending {
        Ending::ShutDown => 1,
        Ending::Killed => PASSED + 1,
    };
    assert!(next.passed() <= most, "{} passed again", next.passed());
    next.app.shutdown().await?;
    writer.close().await
}

async fn append_unwanted(
    store: &dyn EventStore,
    events: usize,
) -> Result<GlobalPosition, BoxError> {
    let stream = StreamId::new("unwanted", "1")?;
    fill(store, &stream, "Unwanted", &Payload::of("")?, events).await
}

/// An app, and how many positions of the log it has been given.
struct Watched {
    app: App,
    passed: Arc<AtomicU64>,
}

impl Watched {
    async fn start(store: impl Backend) -> Result<Self, BoxError> {
        let passed = Arc::new(AtomicU64::new(0));
        let count = passed.clone();
        let events = WatchedStore::over(store.ports().events, move |after, page| {
            let positions = page.scanned_to.get() - after.get();
            count.fetch_add(positions, Ordering::Relaxed);
        });
        let builder = Orchestrix::builder().isolated().store(store);
        let builder = builder.events(Arc::new(events)).module(Finding);
        let app = builder.start().await?;
        Ok(Self { app, passed })
    }

    async fn wait_for(&self, head: GlobalPosition) -> Result<Option<Found>, BoxError> {
        let view = self.app.view::<Found>("it").at_least(head);
        Ok(view.within(PATIENCE).await?)
    }

    fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }
}
