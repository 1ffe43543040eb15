//! Too little room: in the file, in the queue, among the readers.

use std::time::Duration;

use orchestrix::error::chain;
use orchestrix::store::{
    AppendError, CheckpointError, CheckpointStore, EventStore, GlobalPosition, Limit, Limits,
    ReadError, ReadModelError, ReadModelStore, TenantId,
};
use orchestrix_sqlite::{DriverError, SqliteStore};

use crate::fixture::{Place, any, append_one, begun, event, event_of_size, stream_of, whole_log};

const SHORT: Duration = Duration::from_millis(2);

#[tokio::test]
async fn a_full_file_refuses_what_does_not_fit_and_nothing_else() {
    let place = Place::new();
    let options = place.options().with_max_bytes(1_000_000);
    let store = SqliteStore::open_with(options)
        .await
        .expect("the store opens");
    let lock = place.lock();
    let first = begun(append_one(&store, any("first", vec![event("A")])));
    let before = begun(append_one(
        &store,
        any("before", vec![event("A"), event("B")]),
    ));
    let huge = begun(append_one(
        &store,
        any("huge", vec![event("A"), event_of_size(1_000_000)]),
    ));
    let after = begun(append_one(&store, any("after", vec![event("A")])));
    drop(lock);
    first.await.expect("an append");
    before.await.expect("an append before it");
    let error = huge.await.expect_err("it does not fit");
    assert!(matches!(error, AppendError::Failed { .. }), "{error:?}");
    assert!(chain(&error).contains("full"), "{}", chain(&error));
    after.await.expect("an append behind it");
    assert_eq!(whole_log(&store).await.len(), 4);
    assert_eq!(stream_of(&store, "huge").await.len(), 0);

    drop(store);
    let roomier = place.open().await;
    let append = any("huge", vec![event("A"), event_of_size(1_000_000)]);
    append_one(&roomier, append)
        .await
        .expect("there is room again");
    assert_eq!(stream_of(&roomier, "huge").await.len(), 2);
}

#[tokio::test]
async fn a_full_queue_is_unavailable() {
    let place = Place::new();
    let options = place.options().with_queue(1).with_acquire_timeout(SHORT);
    let store = SqliteStore::open_with(options)
        .await
        .expect("the store opens");
    let lock = place.lock();
    let first = begun(append_one(&store, any("7", vec![event("A")])));
    let error = append_one(&store, any("7", vec![event("B")]))
        .await
        .expect_err("no room");
    assert!(error.is_transient(), "{error:?}");
    let (start, one) = (GlobalPosition::START, GlobalPosition::new(1));
    let checkpoint = store.save_checkpoint("balances", start, one).await;
    assert!(
        matches!(checkpoint, Err(CheckpointError::Unavailable { .. })),
        "{checkpoint:?}"
    );
    let AppendError::Unavailable { source } = error else {
        panic!("{error:?}")
    };
    assert!(
        matches!(source.downcast_ref(), Some(DriverError::QueueFull { .. })),
        "{source:?}"
    );
    drop(lock);
    first.await.expect("an append");
    append_one(&store, any("7", vec![event("B")]))
        .await
        .expect("there is room again");
}

#[tokio::test]
async fn a_read_waits_for_a_reader_but_not_for_ever() {
    let place = Place::new();
    let options = place.options().with_readers(1).with_acquire_timeout(SHORT);
    let store = SqliteStore::open_with(options)
        .await
        .expect("the store opens");
    let tenant = TenantId::default();
    // Takes some hundred times as long as the second read is willing to wait.
    let keys: Vec<String> = (0..500_000).map(|n| n.to_string()).collect();
    let slow = begun(store.documents("balance", &tenant, &keys));
    let error = store.head().await.expect_err("the reader is busy");
    let ReadError::Unavailable { source } = error else {
        panic!("{error:?}")
    };
    assert!(
        matches!(source.downcast_ref(), Some(DriverError::NoReader { waited }) if *waited == SHORT),
        "{source:?}"
    );
    let error = store
        .scan("balance", &tenant, None, 1)
        .await
        .expect_err("the reader is busy");
    assert!(
        matches!(error, ReadModelError::Unavailable { .. }),
        "{error:?}"
    );
    let error = store
        .load_checkpoint("balances")
        .await
        .expect_err("the reader is busy");
    assert!(
        matches!(error, CheckpointError::Unavailable { .. }),
        "{error:?}"
    );
    assert!(slow.await.expect("the documents").is_empty());
    assert!(store.head().await.is_ok(), "the reader is free again");
}

#[tokio::test]
async fn the_options_say_how_much_an_append_may_hold() {
    let place = Place::new();
    let mut limits = Limits::default();
    limits.append_events = 2;
    let store = SqliteStore::open_with(place.options().with_limits(limits))
        .await
        .expect("the store opens");
    let three = vec![event("A"), event("B"), event("C")];
    let error = append_one(&store, any("7", three.clone()))
        .await
        .expect_err("too many");
    assert!(
        matches!(
            error,
            AppendError::LimitExceeded {
                limit: Limit::AppendEvents,
                found: 3,
                allowed: 2,
                ..
            }
        ),
        "{error:?}"
    );
    append_one(&store, any("7", three[..2].to_vec()))
        .await
        .expect("two are allowed");
    append_one(&Place::new().open().await, any("7", three))
        .await
        .expect("more are, as a rule");
}
