//! What a store holds, looked at from beside the shop.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Child;
use std::sync::Arc;
use std::time::Duration;

use orchestrix::store::{Backend, EventStore, GlobalPosition, ReadAll};
use orchestrix_postgres::PostgresStore;
use orchestrix_sqlite::SqliteStore;
use ordering::cli::StoreChoice;
use ordering::import::import;
use ordering::log::Log;
use ordering::progress::Progress;
use ordering::store::open;
use tokio::signal::unix::{SignalKind, signal};

use crate::binary::TestResult;
use crate::place::Place;

/// Every stream's events in their order: types and bodies, without ids and times.
pub(crate) type History = BTreeMap<String, Vec<(String, serde_json::Value)>>;

/// A wake-up may fail to come; so often is looked without one.
const LOOK: Duration = Duration::from_millis(500);

/// Notes that an invoice is done.
pub(crate) const IMPORTED: &str = "InvoiceImported";

/// An open store.
pub(crate) struct Beside(Arc<dyn Backend>);

impl Beside {
    pub(crate) async fn open(place: &Place) -> TestResult<Self> {
        match place.sqlite_file() {
            Some(file) => Self::open_file(file).await,
            None => Ok(Self(Arc::new(PostgresStore::connect(&place.store).await?))),
        }
    }

    pub(crate) async fn open_file(file: &Path) -> TestResult<Self> {
        Ok(Self(Arc::new(SqliteStore::open(file).await?)))
    }

    /// How many invoices are noted as done.
    pub(crate) async fn invoices(&self) -> TestResult<usize> {
        self.count(IMPORTED).await
    }

    /// Waits until a process has come to so many events of this name; false where it has ended before.
    pub(crate) async fn reached(
        &self,
        event_type: &str,
        count: usize,
        process: &mut Child,
    ) -> TestResult<bool> {
        let mut changes = self.0.ports().events.changes();
        let mut children = signal(SignalKind::child())?;
        loop {
            if self.count(event_type).await? >= count {
                return Ok(true);
            }
            if process.try_wait()?.is_some() {
                return Ok(false);
            }
            tokio::select! {
                () = changes.changed(LOOK) => {}
                _ = children.recv() => {}
            }
        }
    }

    /// How many events there are of this name.
    pub(crate) async fn count(&self, event_type: &str) -> TestResult<usize> {
        let events = self.0.ports().events;
        let mut found = 0;
        let mut after = GlobalPosition::START;
        loop {
            let filter = orchestrix::store::Filter::all().event_types([event_type]);
            let page = events
                .read_all(ReadAll::after(after).filter(filter))
                .await?;
            found += page.events.len();
            after = page.scanned_to;
            if page.at_head {
                return Ok(found);
            }
        }
    }

    pub(crate) async fn history(&self) -> TestResult<History> {
        history(&*self.0.ports().events).await
    }

    pub(crate) async fn close(self) -> TestResult {
        self.0.close().await
    }
}

async fn history(events: &dyn EventStore) -> TestResult<History> {
    let mut all = History::new();
    let mut after = GlobalPosition::START;
    loop {
        let page = events.read_all(ReadAll::after(after)).await?;
        for event in &page.events {
            let stream = all.entry(event.stream.to_string()).or_default();
            stream.push((event.event_type().to_owned(), event.data.payload.read()?));
            assert_eq!(event.version.get(), stream.len() as u64, "{}", event.stream);
        }
        after = page.scanned_to;
        if page.at_head {
            return Ok(all);
        }
    }
}

/// What a log comes to when nothing disturbs its import.
pub(crate) async fn undisturbed(log: &Log) -> TestResult<History> {
    let app = open(&StoreChoice::Memory).await?;
    import(&app, log, 64, &Progress::Quiet.sending(0)).await?;
    let all = history(app.store()).await?;
    app.shutdown().await?;
    Ok(all)
}

/// Checks that a store holds what an undisturbed import of the log leaves: nothing less, nothing twice.
#[track_caller]
pub(crate) fn assert_same(found: &History, expected: &History) {
    let differing = expected
        .keys()
        .chain(found.keys())
        .find(|stream| found.get(*stream) != expected.get(*stream));
    if let Some(stream) = differing {
        panic!(
            "stream {stream}: expected {:?}, found {:?}",
            expected.get(stream),
            found.get(stream)
        );
    }
}
