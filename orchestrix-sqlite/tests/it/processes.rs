//! Several processes on one file. What matters to SQLite is that they use different connections, as two stores do.

use std::time::{Duration, Instant};

use orchestrix::store::{
    Append, AppendError, EventStore, ExpectedVersion, GlobalPosition, StreamVersion,
};

use crate::fixture::{Place, any, append_one, event, stream, stream_of, whole_log};

const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn each_sees_what_the_other_appended() {
    let place = Place::new();
    let (one, other) = (place.open().await, place.open().await);
    for n in 0..10 {
        let (writer, reader) = if n % 2 == 0 {
            (&one, &other)
        } else {
            (&other, &one)
        };
        let expected = ExpectedVersion::Exact(StreamVersion::new(n));
        let append = Append::new(stream("7"), expected, vec![event("Moved")]);
        let appended = append_one(writer, append)
            .await
            .expect("the version is right");
        assert_eq!(appended.position, GlobalPosition::new(n + 1));
        assert_eq!(stream_of(reader, "7").await.len() as u64, n + 1);
        assert_eq!(reader.head().await.expect("the head"), appended.position);
    }
    let late = Append::new(stream("7"), ExpectedVersion::NoStream, vec![event("Moved")]);
    let error = append_one(&other, late).await.expect_err("a conflict");
    assert!(
        matches!(error, AppendError::Conflict { actual, .. } if actual == StreamVersion::new(10)),
        "{error:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_dense_when_all_write_at_once() {
    let place = Place::new();
    let stores = [place.open().await, place.open().await, place.open().await];
    let mut writers = Vec::new();
    for n in 0..12 {
        let store = stores[n % stores.len()].clone();
        writers.push(tokio::spawn(async move {
            for _ in 0..25 {
                append_one(&store, any("7", vec![event("Moved"), event("Moved")]))
                    .await
                    .expect("an append");
            }
        }));
    }
    for writer in writers {
        writer.await.expect("no panic");
    }
    let log = whole_log(&stores[0]).await;
    let versions: Vec<u64> = log.iter().map(|event| event.version.get()).collect();
    assert_eq!(versions, (1..=600).collect::<Vec<_>>());
    assert!(log.is_sorted_by(|one, next| one.position < next.position));
}

#[tokio::test]
async fn readers_are_woken_by_own_and_by_others_appends() {
    let place = Place::new();
    let (one, other) = (place.open().await, place.open().await);
    let mut changes = one.changes();
    for writer in [&one, &other, &other, &one] {
        let appended = append_one(writer, any("7", vec![event("Moved")]))
            .await
            .expect("an append");
        let began = Instant::now();
        changes.changed(LONG).await;
        assert!(began.elapsed() < LONG, "nobody woke the reader");
        assert_eq!(one.head().await.expect("the head"), appended.position);
    }
}

#[tokio::test]
async fn what_was_appended_before_anybody_listened_is_noticed() {
    let place = Place::new();
    let (one, other) = (place.open().await, place.open().await);
    append_one(&other, any("7", vec![event("Moved")]))
        .await
        .expect("an append");
    let began = Instant::now();
    one.changes().changed(LONG).await;
    assert!(began.elapsed() < LONG, "nobody woke the reader");
}

#[tokio::test]
async fn a_writer_elsewhere_is_waited_for_but_not_for_ever() {
    let place = Place::new();
    let options = place.options().with_busy_timeout(Duration::from_millis(20));
    let store = orchestrix_sqlite::SqliteStore::open_with(options)
        .await
        .expect("the store opens");
    let lock = place.lock();
    let error = append_one(&store, any("7", vec![event("Moved")]))
        .await
        .expect_err("locked");
    assert!(
        matches!(error, AppendError::Unavailable { .. }),
        "{error:?}"
    );
    assert!(store.head().await.is_ok(), "reading goes on");
    drop(lock);
    append_one(&store, any("7", vec![event("Moved")]))
        .await
        .expect("an append");
    assert_eq!(stream_of(&store, "7").await.len(), 1);
}
