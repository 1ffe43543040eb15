//! The end of a store.

use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use orchestrix::store::{
    AppendError, Backend, CheckpointError, CheckpointMove, CheckpointStore, DocumentWrite,
    EventStore, GlobalPosition, LockError, LockStore, Payload, ReadAll, ReadError, ReadModelCommit,
    ReadModelStore, TenantId,
};
use orchestrix_sqlite::{DriverError, SqliteStore};

use crate::fixture::{Place, any, append_one, begun, event, lock_key, stream_of, whole_log};

fn commit() -> ReadModelCommit {
    ReadModelCommit {
        progress: Vec::new(),
        checkpoint: CheckpointMove::new("balances", GlobalPosition::START, GlobalPosition::new(2)),
        collection: "balance".into(),
        indexes: Vec::new(),
        writes: vec![DocumentWrite {
            tenant: TenantId::default(),
            key: "7".into(),
            body: Some(Payload::of(&5).expect("a number is JSON")),
            index_values: Vec::new(),
        }],
    }
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let place = Place::new();
    let store = place.open().await;
    append_one(&store, any("7", vec![event("A"), event("B")]))
        .await
        .expect("an append");
    let (start, two) = (GlobalPosition::START, GlobalPosition::new(2));
    store
        .save_checkpoint("mails", start, two)
        .await
        .expect("a checkpoint");
    store.commit(commit()).await.expect("a commit");
    let before = whole_log(&store).await;
    store.close().await.expect("a clean end");

    let store = place.open().await;
    assert_eq!(whole_log(&store).await, before);
    assert_eq!(
        store.load_checkpoint("mails").await.expect("a checkpoint"),
        two
    );
    assert_eq!(
        store
            .read_model_checkpoint("balances")
            .await
            .expect("a checkpoint"),
        two
    );
    let documents = store
        .documents("balance", &TenantId::default(), &["7".into()])
        .await;
    assert_eq!(documents.expect("documents")[0].body.as_json(), Some("5"));
}

#[tokio::test]
async fn a_closed_store_is_unavailable_and_the_file_stands_alone() {
    for store in [
        None,
        Some(SqliteStore::in_memory().await.expect("the store opens")),
    ] {
        let place = Place::new();
        let store = match store {
            Some(store) => store,
            None => place.open().await,
        };
        append_one(&store, any("7", vec![event("A")]))
            .await
            .expect("an append");
        let other = store.clone();
        store.close().await.expect("a clean end");
        assert!(!place.wal().exists(), "the WAL is left behind");
        other.close().await.expect("closing again does nothing");

        let error = append_one(&other, any("7", vec![event("B")]))
            .await
            .expect_err("closed");
        let AppendError::Unavailable { source } = error else {
            panic!("{error:?}")
        };
        assert!(
            matches!(source.downcast_ref(), Some(DriverError::Closed)),
            "{source:?}"
        );
        let page = other.read_all(ReadAll::after(GlobalPosition::START)).await;
        assert!(
            matches!(page, Err(ReadError::Unavailable { .. })),
            "{page:?}"
        );
        other.head().await.expect_err("closed");
        let error = other.commit(commit()).await.expect_err("closed");
        assert!(error.is_transient(), "{error:?}");
        let checkpoint = other.load_checkpoint("mails").await;
        assert!(
            matches!(checkpoint, Err(CheckpointError::Unavailable { .. })),
            "{checkpoint:?}"
        );
        let lock = other.try_lock(&lock_key("report")).await;
        assert!(
            matches!(lock, Err(LockError::Unavailable { .. })),
            "{lock:?}"
        );
        let health = other.health().await;
        assert!(!health.is_well() && health.round_trip.is_err(), "{health}");
        let _silent = other.changes();
    }
}

#[tokio::test]
async fn what_was_queued_is_written_before_the_end() {
    let place = Place::new();
    let store = place.open().await;
    let lock = place.lock();
    let calls: Vec<_> = (0..5)
        .map(|_| begun(append_one(&store, any("7", vec![event("A")]))))
        .collect();
    let close = begun(store.close());
    drop(lock);
    close.await.expect("a clean end");
    for call in calls {
        call.await.expect("it was queued before");
    }
    assert_eq!(stream_of(&place.open().await, "7").await.len(), 5);
}

#[tokio::test]
async fn dropping_the_last_handle_ends_it_after_what_is_queued() {
    let place = Place::new();
    let store = place.open().await;
    let lock = place.lock();
    drop(begun(append_one(&store, any("7", vec![event("A")]))));
    drop(store);
    drop(lock);
    // The last connection to a file takes its WAL away; this one is the only sign of the thread's end.
    let deadline = Instant::now() + Duration::from_secs(30);
    while place.wal().exists() {
        assert!(Instant::now() < deadline, "the store does not end");
        tokio::task::yield_now().await;
    }
    assert_eq!(stream_of(&place.open().await, "7").await.len(), 1);
}

/// Whoever reads while its runtime ends is told so.
#[test]
fn a_runtime_that_has_ended_gives_no_answer() {
    let place = Place::new();
    let lasting = runtime();
    let store = lasting.block_on(place.open());
    let ended = runtime();
    let handle = ended.handle().clone();
    ended.shutdown_background();
    let mut read = store.head();
    let first = {
        let _inside = handle.enter();
        read.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    };
    let outcome = match first {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => lasting.block_on(read),
    };
    let error = outcome.expect_err("nobody reads");
    let ReadError::Failed { source } = error else {
        panic!("{error:?}")
    };
    assert!(
        matches!(source.downcast_ref(), Some(DriverError::NoAnswer)),
        "{source:?}"
    );
    lasting
        .block_on(store.head())
        .expect("the reader is free again");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}
