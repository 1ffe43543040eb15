//! Histories of stores that keep their promises.

use std::sync::Arc;

use orchestrix::store::{
    EventStore, ExpectedVersion, GlobalPosition, MemoryStore, Ports, ReadStream, StreamVersion,
};
use orchestrix::testkit::history::{Contents, Recorder, Summary, Worker, check};
use orchestrix_sqlite::SqliteStore;

use super::scenario::{append, events, scenario, stream};

const WORKERS: u32 = 8;
const ROUNDS: u64 = 40;

#[tokio::test]
async fn everything_once_is_correct_and_counted() {
    let scenario = scenario().await;
    let summary = check(&scenario.history, &scenario.contents);
    let expected = "acknowledged 4 appends with 9 events (1 of them repeated), refused 1, indeterminate 1 stored and 1 \
                    absent, 4 stream reads, 3 pages, 9 events stored in 3 streams";
    assert_eq!(
        summary.map(|summary| summary.to_string()),
        Ok(expected.to_owned())
    );
}

#[tokio::test]
async fn nothing_at_all_is_correct() {
    let store = MemoryStore::new();
    let history = Recorder::new().history();
    let contents = Contents::of(&store, [stream("a")]).await.expect("empty");
    assert_eq!(check(&history, &contents), Ok(Summary::default()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_beside_each_other_are_correct_on_a_memory_store() {
    beside_each_other(Arc::new(MemoryStore::new())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_beside_each_other_are_correct_on_sqlite() {
    let store = SqliteStore::in_memory().await.expect("a store");
    beside_each_other(Ports::of(Arc::new(store)).events).await;
}

async fn beside_each_other(store: Arc<dyn EventStore>) {
    let recorder = Recorder::new();
    let workers = (1..=WORKERS).map(|number| {
        let (store, worker) = (store.clone(), recorder.worker(number));
        tokio::spawn(async move { work(&*store, &worker).await })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.expect("a worker does not panic");
    }
    let history = recorder.history();
    let contents = Contents::of(&*store, history.streams()).await.expect("all");
    let summary = check(&history, &contents).unwrap_or_else(|found| panic!("{found:#?}"));
    println!("{summary}");
    assert_eq!(
        summary.acknowledged + summary.refused,
        (u64::from(WORKERS) * ROUNDS) as usize
    );
    assert_eq!(summary.acknowledged_events, summary.stored_events);
    assert!(summary.stream_reads > 0 && summary.pages > 0);
}

/// Two streams that all write to, with an expectation that holds now and then, and reads in between.
async fn work(store: &dyn EventStore, worker: &Worker) {
    let mut after = GlobalPosition::START;
    let mut version = StreamVersion::NONE;
    for round in 0..ROUNDS {
        let append = match round % 3 {
            0 => append("one", ExpectedVersion::Any, 3),
            1 => append("two", ExpectedVersion::Exact(version), 2),
            _ => append("one", ExpectedVersion::Any, 1).and(
                stream("two"),
                ExpectedVersion::Any,
                events(2),
            ),
        };
        let conflict = worker.append(store, append).await.err();
        assert!(conflict.is_none_or(|error| error.is_conflict()));
        let read = ReadStream::backward(stream("two")).limit(3);
        let newest = worker.read_stream(store, read).await.expect("a read");
        version = newest.first().map_or(version, |event| event.version);
        let page = worker.read_all(store, after, 20).await.expect("a page");
        after = page.scanned_to;
    }
}
