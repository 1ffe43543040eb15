//! More calls than connections.

use std::time::{Duration, Instant};

use orchestrix::error::chain;
use orchestrix::store::{
    AppendError, CheckpointMove, CheckpointStore, EventStore, GlobalPosition, ReadAll, ReadError,
    ReadModelCommit, ReadModelStore, ReadStream,
};
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use sqlx::Connection;

use crate::fixture::{
    PATIENCE, append_one, append_to, in_database, raw_append, stream, until, waiting_for_locks,
};

#[tokio::test]
async fn subscriptions_go_on_when_commands_have_taken_all_other_connections() {
    in_database("subscriptions_go_on", |database| async move {
        let options = PostgresOptions::new(&database.url)
            .with_max_connections(3)
            .with_acquire_timeout(Duration::from_millis(500));
        let store = PostgresStore::connect_with(options).await.unwrap();
        append_one(&store, "a").await;

        let mut holder = database.session().await;
        let mut holder = holder.begin().await.unwrap();
        raw_append(&mut holder, "busy").await;
        let stuck: Vec<_> = (0..2)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.append(vec![append_to("busy")]).await.remove(0) })
            })
            .collect();
        until("two appends wait for the stream", || async {
            waiting_for_locks(&database).await == 2
        })
        .await;

        let start = Instant::now();
        let outcome = store.append(vec![append_to("free")]).await.remove(0);
        let Err(error @ AppendError::Unavailable { .. }) = outcome else {
            panic!("{outcome:?}");
        };
        let text = chain(&error);
        assert!(
            text.contains("all 2 connections open to it were in use for 500ms"),
            "{text}"
        );
        let read = store.read_stream(ReadStream::forward(stream("a"))).await;
        assert!(
            matches!(read, Err(ReadError::Unavailable { .. })),
            "{read:?}"
        );
        assert!(start.elapsed() < PATIENCE);

        let page = store
            .read_all(ReadAll::after(GlobalPosition::START))
            .await
            .unwrap();
        assert_eq!(page.events.len(), 1);
        let (start, position) = (GlobalPosition::START, page.scanned_to);
        store.save_checkpoint("s", start, position).await.unwrap();
        assert_eq!(store.load_checkpoint("s").await.unwrap(), position);
        let commit = ReadModelCommit {
            progress: Vec::new(),
            checkpoint: CheckpointMove::new("model".to_owned(), start, position),
            collection: "things".to_owned(),
            indexes: Vec::new(),
            writes: Vec::new(),
        };
        store.commit(commit).await.unwrap();

        holder.rollback().await.unwrap();
        for append in stuck {
            append.await.unwrap().unwrap();
        }
        append_one(&store, "free").await;
    })
    .await;
}

#[tokio::test]
async fn one_connection_serves_everybody_in_turn() {
    in_database("one_connection_serves", |database| async move {
        let options = PostgresOptions::new(&database.url).with_max_connections(1);
        let store = PostgresStore::connect_with(options).await.unwrap();
        let mut calls = Vec::new();
        for n in 0..40 {
            let store = store.clone();
            calls.push(tokio::spawn(async move {
                append_one(&store, &n.to_string()).await;
                store.head().await.unwrap();
                let subscription = format!("s{n}");
                store.load_checkpoint(&subscription).await.unwrap();
                let read = ReadStream::forward(stream(&n.to_string()));
                assert_eq!(store.read_stream(read).await.unwrap().len(), 1);
            }));
        }
        for call in calls {
            call.await.unwrap();
        }
    })
    .await;
}
