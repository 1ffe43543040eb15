//! Where archived events go in the file.

use orchestrix::store::{
    Backend, EventStore, ExpectedVersion, Filter, GlobalPosition, ReadAll, ReadStream,
    StreamVersion,
};
use orchestrix_sqlite::SqliteStore;

use crate::fixture::{Place, any, append_one, event, stream, stream_of, tag, tagged, whole_log};

async fn archive(store: &SqliteStore, key: &str) {
    store
        .archive_stream(&stream(key), ExpectedVersion::StreamExists)
        .await
        .expect("the stream is archived");
}

async fn append(store: &SqliteStore, key: &str) -> GlobalPosition {
    let events = vec![tagged("A", &["x"]), event("B")];
    let appended = append_one(store, any(key, events)).await;
    appended.expect("an append").position
}

/// The newest rows of a table are what SQLite would give out again.
#[tokio::test]
async fn a_position_is_never_given_out_twice() {
    let place = Place::new();
    let mut store = place.open().await;
    let mut last = GlobalPosition::START;
    for (n, reopens) in [false, true, false, true].into_iter().enumerate() {
        let key = n.to_string();
        let position = append(&store, &key).await;
        assert!(position > last, "{position} was given out before");
        last = position;
        archive(&store, &key).await;
        assert_eq!(store.head().await.expect("the head"), last);
        if reopens {
            store.close().await.expect("a clean end");
            store = place.open().await;
            assert_eq!(store.head().await.expect("the head"), last);
        }
    }
    let positions: Vec<_> = whole_log(&store)
        .await
        .iter()
        .map(|event| event.position.get())
        .collect();
    assert_eq!(positions, (1..=8).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_hot_tables_lose_the_rows_and_the_log_keeps_the_events() {
    let place = Place::new();
    let store = place.open().await;
    for key in ["1", "2", "3"] {
        append(&store, key).await;
    }
    let before = whole_log(&store).await;
    archive(&store, "2").await;
    archive(&store, "2").await;
    let count = |table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table} WHERE stream = 'account-2'");
        let stranger = place.stranger();
        let counted = stranger.query_row(&sql, [], |row| row.get(0));
        counted.expect("a number")
    };
    assert_eq!((count("events"), count("archived_events")), (0, 2));
    assert_eq!(whole_log(&store).await, before);
    assert!(stream_of(&store, "2").await.is_empty());

    // In pages whose ends lie within the archived stream, and behind it.
    for limit in 1..=6 {
        let mut found = Vec::new();
        let mut after = GlobalPosition::START;
        loop {
            let read = ReadAll::after(after).limit(limit);
            let page = store.read_all(read).await.expect("a page");
            assert!(page.events.len() <= limit);
            found.extend(page.events);
            after = page.scanned_to;
            if page.at_head {
                break;
            }
        }
        assert_eq!(found, before, "pages of {limit}");
    }
    let filter = Filter::all().tags([tag("x")]);
    let page = store
        .read_all(ReadAll::after(GlobalPosition::START).filter(filter))
        .await
        .expect("a page");
    let first_of_each: Vec<_> = before.iter().step_by(2).cloned().collect();
    assert_eq!(page.events, first_of_each);

    let tail = ReadStream::forward(stream("2")).with_archived();
    let tail = tail.from(StreamVersion::new(2));
    let read = store.read_stream(tail).await.expect("a read");
    assert_eq!(read, before[3..4]);
}

/// The id of an archived event may be used again, as ids are compared with those in use; then both are stored.
#[tokio::test]
async fn an_id_of_an_archived_event_archives_again() {
    let place = Place::new();
    let store = place.open().await;
    let twice = event("A");
    for key in ["1", "2"] {
        append_one(&store, any(key, vec![twice.clone()]))
            .await
            .expect("the id is free");
        archive(&store, key).await;
    }
    assert_eq!(whole_log(&store).await.len(), 2);
}
