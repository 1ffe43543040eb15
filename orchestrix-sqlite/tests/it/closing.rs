//! The end of a store.

use std::time::{Duration, Instant};

use orchestrix::store::{
    AppendError, Backend, CheckpointError, CheckpointStore, DocumentWrite, EventStore,
    GlobalPosition, Payload, ReadAll, ReadError, ReadModelCommit, ReadModelStore, TenantId,
};
use orchestrix_sqlite::{DriverError, SqliteStore};

use crate::fixture::{Place, any, append_one, begun, event, stream_of, whole_log};

fn commit() -> ReadModelCommit {
    ReadModelCommit {
        subscription: "balances".into(),
        collection: "balance".into(),
        expected: GlobalPosition::START,
        position: GlobalPosition::new(2),
        writes: vec![DocumentWrite {
            tenant: TenantId::default(),
            key: "7".into(),
            body: Some(Payload::of(&5).expect("a number is JSON")),
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
    assert_eq!(documents.expect("documents")[0].body.as_str(), "5");
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
        other.commit(commit()).await.expect_err("closed");
        let checkpoint = other.load_checkpoint("mails").await;
        assert!(
            matches!(checkpoint, Err(CheckpointError::Failed { .. })),
            "{checkpoint:?}"
        );
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
