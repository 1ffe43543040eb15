//! Every kind of store to another kind.

use std::sync::{Arc, Mutex};

use orchestrix::error::BoxError;
use orchestrix::store::copy::{CopyLog, CopyReport, LogDigest};
use orchestrix::store::{EventStore, MemoryStore};
use orchestrix::testkit::conformance::StoreUnderTest;
use tests::SqliteSubject;

use super::log::{contents, fill, filled};
use crate::torture::in_database::{in_database, on_runtime};

const APPENDS: usize = 900;
const STREAMS: usize = 23;

/// Copies, proves the copy in three ways, and copies again.
async fn check(
    from: Arc<dyn EventStore>,
    to: Arc<dyn EventStore>,
    events: usize,
) -> Result<(), BoxError> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let copy = CopyLog::new(from.clone(), to.clone())
        .page(400)
        .on_progress({
            let told = told.clone();
            move |report: &CopyReport| told.lock().expect("whole").push(*report)
        });
    let report = copy.run().await?;
    assert_eq!((report.events, report.repeated), (events as u64, 0));
    assert_eq!(report.streams, STREAMS as u64);
    assert_eq!(report.copied_to, from.head().await?);
    let there = contents(&*to).await?;
    assert!(there == contents(&*from).await?, "the copy differs");
    let bytes: usize = there
        .iter()
        .map(|event| event.data.payload.size() + event.data.metadata.size())
        .sum();
    assert_eq!(report.bytes, bytes as u64);
    {
        let told = told.lock().expect("whole");
        assert_eq!(told.last(), Some(&report));
        assert!(told.len() >= events / 400 && told.is_sorted_by_key(|report| report.events));
    }

    let verified = copy.verify().await?;
    assert_eq!(verified.events, events as u64);
    assert_eq!(verified, LogDigest::of(&*from).await?);
    assert_eq!(verified, LogDigest::of(&*to).await?);

    let again = copy.run().await?;
    assert_eq!((again.events, again.repeated), (0, 0));
    assert_eq!(again.resumed_after, report.copied_to);
    assert_eq!(again.copied_to, report.copied_to);
    Ok(())
}

#[test]
fn memory_to_memory() -> Result<(), BoxError> {
    on_runtime(async {
        let (from, events) = filled(APPENDS, STREAMS).await?;
        check(from, Arc::new(MemoryStore::new()), events).await
    })
}

#[test]
fn memory_to_sqlite_and_back() -> Result<(), BoxError> {
    on_runtime(async {
        let (from, events) = filled(APPENDS, STREAMS).await?;
        let file = SqliteSubject::new("memory_to_sqlite_and_back");
        let sqlite = file.open().await?;
        check(from, sqlite.ports().events, events).await?;
        check(sqlite.ports().events, Arc::new(MemoryStore::new()), events).await?;
        sqlite.close().await
    })
}

#[test]
fn sqlite_to_postgresql_to_memory() -> Result<(), BoxError> {
    const TEST: &str = "sqlite_to_postgresql_to_memory";
    in_database(TEST, async |url| {
        let file = SqliteSubject::new(TEST);
        let sqlite = file.open().await?;
        let events = fill(&*sqlite.ports().events, APPENDS, STREAMS).await?;
        let postgres = orchestrix_postgres::PostgresStore::connect(url.as_str()).await?;
        let postgres: Arc<dyn orchestrix::store::Backend> = Arc::new(postgres);
        check(sqlite.ports().events, postgres.ports().events, events).await?;
        let memory = Arc::new(MemoryStore::new());
        check(postgres.ports().events, memory, events).await?;
        postgres.close().await?;
        sqlite.close().await
    })
}

/// What a report and a digest say to people.
#[test]
fn reports_can_be_read() -> Result<(), BoxError> {
    on_runtime(async {
        let (from, events) = filled(20, 3).await?;
        let copy = CopyLog::new(from, Arc::new(MemoryStore::new()));
        let report = copy.run().await?;
        let text = report.to_string();
        let expected = format!(
            "{events} events copied (3 streams begun, {} bytes), behind position 0 up to position {events} of the source",
            report.bytes
        );
        assert_eq!(text, expected);
        let verified = copy.verify().await?.to_string();
        assert!(verified.starts_with(&format!("{events} events, digest ")));
        Ok(())
    })
}
