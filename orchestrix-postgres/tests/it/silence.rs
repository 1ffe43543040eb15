//! A network, or a server, that says nothing any more.

use std::time::{Duration, Instant};

use orchestrix::error::chain;
use orchestrix::store::{AppendError, Backend, Changes, EventStore, ReadStream};
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use sqlx::{Connection, PgConnection};

use crate::calls::{CALLS, IN_TIME, ask, in_time};
use crate::fixture::{
    PATIENCE, TestDatabase, append_one, append_to, execute, in_database, raw_append, stream, until,
    waiting_for_locks,
};

const ANSWER_TIMEOUT: Duration = Duration::from_millis(400);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(1);
async fn impatient_store(database: &TestDatabase, url: String) -> PostgresStore {
    // Tables are there before time is short.
    append_one(&database.store().await, "a").await;
    let options = PostgresOptions::new(url)
        .with_max_connections(2)
        .with_acquire_timeout(ACQUIRE_TIMEOUT)
        .with_answer_timeout(ANSWER_TIMEOUT);
    PostgresStore::connect_with(options).await.unwrap()
}

async fn lock_everything(session: &mut PgConnection) {
    execute(
        session,
        "lock table orchestrix.events, orchestrix.checkpoints, orchestrix.documents, orchestrix.dead_letters
            in access exclusive mode",
    )
    .await;
}

async fn until_all_calls_succeed(store: &PostgresStore) {
    for call in CALLS {
        until("the store works again", || async {
            ask(store, call).await.is_ok()
        })
        .await;
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_given_up_in_time() {
    in_database("an_answer_that_does_not_come", |database| async move {
        let store = impatient_store(&database, database.url.clone()).await;
        until_all_calls_succeed(&store).await;
        let mut holder = database.session().await;
        for call in CALLS {
            let mut locked = holder.begin().await.unwrap();
            lock_everything(&mut locked).await;
            let (is_unavailable, text) = ask(&store, call).await.unwrap_err();
            assert!(is_unavailable, "{call}: {text}");
            assert!(text.contains("no answer within 400ms"), "{call}: {text}");
            locked.rollback().await.unwrap();
        }
        until_all_calls_succeed(&store).await;
    })
    .await;
}

#[tokio::test]
async fn calls_into_a_silent_network_end_in_time_and_leave_nothing_behind() {
    in_database("calls_into_a_silent_network", |database| async move {
        let (proxy, url) = database.behind_proxy().await;
        let store = impatient_store(&database, url).await;
        // Were only one connection lost for ever each time, the third round would find none.
        for _round in 0..3 {
            until_all_calls_succeed(&store).await;
            proxy.blackhole();
            let start = Instant::now();
            let mut asking = Vec::new();
            for call in CALLS {
                let store = store.clone();
                asking.push(tokio::spawn(async move { (call, ask(&store, call).await) }));
            }
            for asked in asking {
                let (call, answer) = asked.await.unwrap();
                let (is_unavailable, text) = answer.unwrap_err();
                assert!(is_unavailable, "{call}: {text}");
            }
            assert!(start.elapsed() < IN_TIME, "{:?}", start.elapsed());
            proxy.heal();
        }
        until_all_calls_succeed(&store).await;
    })
    .await;
}

#[tokio::test]
async fn readers_at_the_head_share_the_wait_for_a_silent_database() {
    in_database("readers_at_the_head_share", |database| async move {
        let store = impatient_store(&database, database.url.clone()).await;
        let mut holder = database.session().await;
        let mut locked = holder.begin().await.unwrap();
        lock_everything(&mut locked).await;
        let start = Instant::now();
        let asking: Vec<_> = (0..100)
            .map(|n| {
                let store = store.clone();
                let call = ["head", "read_all"][n % 2];
                tokio::spawn(async move { ask(&store, call).await })
            })
            .collect();
        for asked in asking {
            let (is_unavailable, text) = asked.await.unwrap().unwrap_err();
            assert!(is_unavailable, "{text}");
        }
        assert!(start.elapsed() < IN_TIME, "{:?}", start.elapsed());
        locked.rollback().await.unwrap();
        until("the head is found", || async {
            ask(&store, "head").await.is_ok()
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn of_an_append_without_an_answer_nobody_knows() {
    in_database("of_an_append_without_an_answer", |database| async move {
        let (proxy, url) = database.behind_proxy().await;
        let store = impatient_store(&database, url).await;
        let mut holder = database.session().await;
        let mut holder = holder.begin().await.unwrap();
        raw_append(&mut holder, "busy").await;
        let append = append_to("busy");
        let appending = tokio::spawn({
            let (store, append) = (store.clone(), append.clone());
            async move { store.append(vec![append]).await.remove(0) }
        });
        until("the append is under way", || async {
            waiting_for_locks(&database).await == 1
        })
        .await;
        proxy.blackhole();
        let outcome = in_time(appending).await.unwrap();
        let Err(error @ AppendError::Indeterminate { .. }) = outcome else {
            panic!("{outcome:?}");
        };
        assert!(
            chain(&error).contains("no answer within 400ms"),
            "{}",
            chain(&error)
        );

        // The server does it all the same, and the same events again tell.
        holder.commit().await.unwrap();
        until("the append is stored", || async {
            let events: i64 = sqlx::query_scalar(
                "select count(*) from orchestrix.events where stream = 'thing-busy'",
            )
            .fetch_one(&mut database.session().await)
            .await
            .unwrap();
            events == 2
        })
        .await;
        proxy.heal();
        until("the store finds out", || async {
            matches!(store.append(vec![append.clone()]).await.remove(0), Ok(done) if done.repeated)
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_read_that_was_given_up_does_not_hold_up_the_next() {
    in_database("a_read_that_was_given_up", |database| async move {
        append_one(&database.store().await, "a").await;
        let one = PostgresOptions::new(&database.url).with_max_connections(1);
        let store = PostgresStore::connect_with(one).await.unwrap();
        let mut holder = database.session().await;
        let mut locked = holder.begin().await.unwrap();
        lock_everything(&mut locked).await;
        let reading = tokio::spawn({
            let store = store.clone();
            async move { ask(&store, "read_stream").await }
        });
        until("the read is under way", || async {
            waiting_for_locks(&database).await == 1
        })
        .await;
        reading.abort();
        assert!(reading.await.unwrap_err().is_cancelled());

        // The read is still under way there, and the only connection is free all the same.
        let start = Instant::now();
        let next = tokio::spawn({
            let store = store.clone();
            async move { ask(&store, "load_checkpoint").await }
        });
        until("the next is under way too", || async {
            waiting_for_locks(&database).await == 2
        })
        .await;
        locked.rollback().await.unwrap();
        next.await.unwrap().unwrap();
        assert!(start.elapsed() < PATIENCE);
        let events = store
            .read_stream(ReadStream::forward(stream("a")))
            .await
            .unwrap();
        assert_eq!(events.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn who_waits_for_wake_ups_notices_that_the_network_is_silent() {
    in_database("who_waits_for_wake_ups", |database| async move {
        let (proxy, url) = database.behind_proxy().await;
        let store = impatient_store(&database, url).await;
        let writer = database.store().await;
        let mut changes = store.changes();
        let heard = async |changes: &mut Changes| {
            let start = Instant::now();
            changes.changed(PATIENCE * 2).await;
            assert!(start.elapsed() < PATIENCE, "not woken");
        };
        // The wake-up for what happened before it listened.
        heard(&mut changes).await;
        let before = proxy.counts().accepted;
        proxy.blackhole();
        until("it connects anew", || async {
            proxy.counts().accepted > before
        })
        .await;
        proxy.heal();
        heard(&mut changes).await;
        append_one(&writer, "a").await;
        heard(&mut changes).await;
    })
    .await;
}

#[tokio::test]
async fn a_store_is_closed_in_time_in_a_silent_network() {
    in_database("a_store_is_closed_in_time", |database| async move {
        let (proxy, url) = database.behind_proxy().await;
        let store = impatient_store(&database, url).await;
        until_all_calls_succeed(&store).await;
        let mut changes = store.changes();
        changes.changed(PATIENCE).await;
        proxy.blackhole();
        in_time(store.close()).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_cannot_be_given_back_is_replaced() {
    in_database("a_connection_that_cannot_be_given", |database| async move {
        let (proxy, url) = database.behind_proxy().await;
        append_one(&database.store().await, "a").await;
        let options = PostgresOptions::new(url)
            .with_max_connections(1)
            .with_acquire_timeout(ACQUIRE_TIMEOUT)
            .with_answer_timeout(ANSWER_TIMEOUT);
        let store = PostgresStore::connect_with(options).await.unwrap();
        ask(&store, "load_checkpoint").await.unwrap();
        // Nothing else has run since the answer, so the sign of life that the connection must give before it is free
        // again is asked for in a silent network.
        proxy.blackhole();
        until("its slot is free for a new one", || async {
            let (_, text) = ask(&store, "load_checkpoint").await.unwrap_err();
            text.contains("no connection to PostgreSQL")
        })
        .await;
    })
    .await;
}
