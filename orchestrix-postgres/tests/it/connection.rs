//! What is said when the database cannot be reached or goes away.

use std::time::{Duration, Instant};

use orchestrix::error::chain;
use orchestrix::store::{AppendError, Backend, EventStore, ExpectedVersion, ReadStream};
use orchestrix_postgres::{PostgresError, PostgresOptions, PostgresStore};
use sqlx::Connection;
use sqlx::postgres::PgPoolOptions;
use tokio::net::TcpListener;

use crate::fixture::{
    append_one, append_to, event, execute, in_database, raw_append, stream, until,
};

#[tokio::test]
async fn an_unreachable_server_is_named_at_once_and_its_password_is_not() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let start = Instant::now();
    let url = format!("postgres://app:hunter2@127.0.0.1:{port}/shop");
    let error = PostgresStore::connect(&url).await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(3));
    assert!(matches!(error, PostgresError::Unreachable { .. }));
    let text = chain(&error);
    assert!(
        text.contains(&format!("127.0.0.1:{port}, database `shop`")),
        "{text}"
    );
    assert!(!format!("{text} {error:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let options = PostgresOptions::new(format!("postgres://app:hunter2@127.0.0.1:{port}/shop"))
        .with_connect_timeout(Duration::from_millis(200));
    let start = Instant::now();
    let error = PostgresStore::connect_with(options).await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(3));
    assert!(matches!(error, PostgresError::Unreachable { .. }));
    assert!(chain(&error).contains("timed out"), "{}", chain(&error));
}

#[tokio::test]
async fn a_url_that_cannot_be_read_is_shown_without_its_password() {
    for url in [
        "mysql://app:hunter2@db/shop",
        "postgres://app:hunter2@db:port/shop",
        "hunter2",
        "",
    ] {
        let error = PostgresStore::connect(url).await.unwrap_err();
        assert!(
            matches!(error, PostgresError::InvalidUrl { .. }),
            "{error:?} for {url}"
        );
        if url.contains('@') {
            assert!(
                !format!("{} {error:?}", chain(&error)).contains("hunter2"),
                "{error:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_unknown_database_is_named() {
    in_database("an_unknown_database_is_named", |database| async move {
        let url = format!("{}_gone", database.url);
        let error = PostgresStore::connect(url).await.unwrap_err();
        let text = chain(&error);
        assert!(
            matches!(error, PostgresError::Unreachable { .. }),
            "{error:?}"
        );
        assert!(
            text.contains(&format!("database `{}_gone`", database.name)),
            "{text}"
        );
        assert!(text.contains("does not exist"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_closed_store_fails_and_leaves_the_callers_pool_open() {
    in_database("a_closed_store_fails", |database| async move {
        let pool = PgPoolOptions::new().connect(&database.url).await.unwrap();
        let store = PostgresStore::with_pool(pool.clone(), "orchestrix")
            .await
            .unwrap();
        append_one(&store, "a").await;
        let _changes = store.changes();
        store.close().await.unwrap();
        store.close().await.unwrap();
        let outcome = store.append(vec![append_to("a")]).await.remove(0);
        assert!(
            matches!(outcome, Err(AppendError::Unavailable { .. })),
            "{outcome:?}"
        );
        assert!(
            store
                .read_stream(ReadStream::forward(stream("a")))
                .await
                .is_err()
        );
        assert!(store.head().await.is_err());

        let events: i64 = sqlx::query_scalar("select count(*) from orchestrix.events")
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(events, 1);
    })
    .await;
}

#[tokio::test]
async fn a_store_of_its_own_closes_its_connections() {
    in_database("a_store_of_its_own_closes", |database| async move {
        let closed = database.store().await;
        let dropped = database.store().await;
        for store in [&closed, &dropped] {
            let _changes = store.changes();
            append_one(store, "a").await;
        }
        closed.close().await.unwrap();
        drop((closed, dropped));
        until("no connection is left", || async {
            let connections: i64 = sqlx::query_scalar(
                "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
                    and backend_type = 'client backend'",
            )
            .fetch_one(&mut database.session().await)
            .await
            .unwrap();
            connections == 0
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_lost_answer_is_indeterminate_and_the_same_events_again_find_out() {
    in_database("a_lost_answer_is_indeterminate", |database| async move {
        let (proxy, url) = database.behind_proxy().await;
        let store = PostgresStore::connect(url).await.unwrap();
        let append = append_to("lost");
        proxy.drop_response_to("thing-lost", 1);
        let outcome = store.append(vec![append.clone()]).await.remove(0);
        assert!(
            matches!(outcome, Err(AppendError::Indeterminate { .. })),
            "{outcome:?}"
        );

        let found_out = store.append(vec![append]).await.remove(0).unwrap();
        assert!(found_out.repeated);
        let events = store
            .read_stream(ReadStream::forward(stream("lost")))
            .await
            .unwrap();
        assert_eq!(events.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_session_that_is_ended_while_it_waits_has_stored_nothing() {
    in_database("a_session_that_is_ended", |database| async move {
        let store = database.store().await;
        let mut holder = database.session().await;
        let mut holder = holder.begin().await.unwrap();
        raw_append(&mut holder, "busy").await;

        let waiting = tokio::spawn({
            let store = store.clone();
            async move { store.append(vec![append_to("busy")]).await.remove(0) }
        });
        until("the append waits for the stream and is ended", || async {
            let ended: Option<bool> = sqlx::query_scalar(
                "select pg_terminate_backend(pid) from pg_stat_activity
                  where datname = current_database() and wait_event_type = 'Lock'",
            )
            .fetch_optional(&mut database.session().await)
            .await
            .unwrap();
            ended == Some(true)
        })
        .await;
        let outcome = waiting.await.unwrap();
        assert!(
            matches!(outcome, Err(AppendError::Unavailable { .. })),
            "{outcome:?}"
        );
        holder.commit().await.unwrap();
        append_one(&store, "busy").await;
        let events = store
            .read_stream(ReadStream::forward(stream("busy")))
            .await
            .unwrap();
        assert_eq!(events.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_append_whose_caller_stopped_waiting_is_stored_whole() {
    in_database("an_append_whose_caller_stopped", |database| async move {
        let store = database.store().await;
        let mut holder = database.session().await;
        let mut holder = holder.begin().await.unwrap();
        raw_append(&mut holder, "busy").await;
        let abandoned = append_to("other").and(stream("busy"), ExpectedVersion::Any, vec![event()]);
        let waiting = tokio::spawn({
            let store = store.clone();
            async move { store.append(vec![abandoned]).await }
        });
        until("the append waits for the stream", || async {
            let waiting: i64 = sqlx::query_scalar(
                "select count(*) from pg_stat_activity
                  where datname = current_database() and wait_event_type = 'Lock'",
            )
            .fetch_one(&mut database.session().await)
            .await
            .unwrap();
            waiting == 1
        })
        .await;
        waiting.abort();
        assert!(waiting.await.unwrap_err().is_cancelled());
        holder.commit().await.unwrap();
        for (key, events) in [("busy", 2), ("other", 1)] {
            until("all of it is stored", || async {
                let read = ReadStream::forward(stream(key));
                store.read_stream(read).await.unwrap().len() == events
            })
            .await;
        }
    })
    .await;
}

#[tokio::test]
async fn appends_outside_of_read_committed_transactions_are_refused() {
    in_database("appends_outside_of_read_committed", |database| async move {
        let mut session = database.session().await;
        let name = &database.name;
        execute(
            &mut session,
            &format!("alter database {name} set default_transaction_isolation = 'repeatable read'"),
        )
        .await;
        let pool = PgPoolOptions::new().connect(&database.url).await.unwrap();
        let store = PostgresStore::with_pool(pool, "orchestrix").await.unwrap();
        let outcome = store.append(vec![append_to("a")]).await.remove(0);
        let Err(AppendError::Failed { source }) = outcome else {
            panic!("{outcome:?}");
        };
        assert!(source.to_string().contains("read committed"), "{source}");
        // Our own connections ask for what they need.
        append_one(&database.store().await, "a").await;
    })
    .await;
}
