//! Nothing turns up behind a reader, and nobody is waited for who has nothing to do with it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use orchestrix::store::{Backend, EventStore, GlobalPosition, ReadAll};
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use sqlx::Connection;
use test_servers::postgres::{Installing, provide};
use test_servers::{Availability, Options, require_or_skip};

use crate::fixture::{
    PATIENCE, TestDatabase, append_one, execute, in_database, raw_append, readable, until,
};

#[tokio::test]
async fn a_lower_position_that_commits_last_is_not_skipped() {
    in_database(
        "a_lower_position_that_commits_last_is_not_skipped",
        |database| async move {
            let store = database.store().await;
            let mut slow = database.session().await;
            let mut slow = slow.begin().await.unwrap();
            let lower = raw_append(&mut slow, "slow").await;
            let higher = append_one(&store, "quick").await.get();
            assert!(lower < higher);

            // What a reader without the fence would take for the whole log.
            let visible: Vec<i64> = sqlx::query_scalar("select position from orchestrix.events")
                .fetch_all(&mut database.session().await)
                .await
                .unwrap();
            assert_eq!(visible, [higher as i64]);

            let page = store
                .read_all(ReadAll::after(GlobalPosition::START))
                .await
                .unwrap();
            assert!(page.events.is_empty());
            assert!(page.scanned_to.get() < lower);
            assert!(page.at_head);

            slow.commit().await.unwrap();
            assert_eq!(readable(&store).await, [lower, higher]);
        },
    )
    .await;
}

#[tokio::test]
async fn a_rolled_back_position_is_skipped_once_its_owner_has_ended() {
    in_database("a_rolled_back_position_is_skipped", |database| async move {
        let store = database.store().await;
        let mut session = database.session().await;
        let mut doomed = session.begin().await.unwrap();
        let dead = raw_append(&mut doomed, "doomed").await;
        let alive = append_one(&store, "alive").await.get();
        assert_eq!(readable(&store).await, [0_u64; 0]);
        assert!(store.head().await.unwrap().get() < dead);

        doomed.rollback().await.unwrap();
        assert_eq!(readable(&store).await, [alive]);
        assert_eq!(store.head().await.unwrap().get(), alive);
    })
    .await;
}

#[tokio::test]
async fn what_was_settled_before_a_stall_is_read_by_a_store_that_opens_during_it() {
    in_database("settled_before_a_stall", |database| async move {
        let store = database.store().await;
        let mut doomed = database.session().await;
        let mut doomed = doomed.begin().await.unwrap();
        raw_append(&mut doomed, "doomed").await;
        let settled = append_one(&store, "a").await.get();
        doomed.rollback().await.unwrap();

        let mut holder = database.session().await;
        let mut holder = holder.begin().await.unwrap();
        raw_append(&mut holder, "holder").await;
        append_one(&store, "b").await;
        store.close().await.unwrap();

        let reopened = database.store().await;
        assert_eq!(readable(&reopened).await, [settled]);
    })
    .await;
}

#[tokio::test]
async fn other_peoples_transactions_stall_nobody() {
    in_database("other_peoples_transactions_stall_nobody", |database| async move {
        let store = database.store().await;
        let server = database.url.rsplit_once('/').unwrap().0.to_owned() + "/postgres";
        let elsewhere = TestDatabase::create(&server, "elsewhere").await;
        let other_store = elsewhere.store().await;
        let second_schema = PostgresOptions::new(&database.url).with_schema("second");
        PostgresStore::connect_with(second_schema).await.unwrap();

        // A write in this database, with locks that an application may take for itself.
        let mut writer = database.session().await;
        let mut writer = writer.begin().await.unwrap();
        execute(&mut writer, "create table mine (n int); insert into mine values (1)").await;
        execute(&mut writer, "select pg_advisory_xact_lock_shared(n), pg_advisory_xact_lock_shared(-n) from mine").await;
        execute(&mut writer, "select pg_advisory_xact_lock_shared(n, n) from mine").await;
        // An append in another schema of this database.
        let mut second = database.session().await;
        let mut second = second.begin().await.unwrap();
        execute(&mut second, "select second.enter_fence()").await;
        // An append in another database.
        append_one(&other_store, "a").await;
        let mut other = elsewhere.session().await;
        let mut other = other.begin().await.unwrap();
        raw_append(&mut other, "b").await;

        // A gap, so that the fence is looked at.
        let mut session = database.session().await;
        let mut doomed = session.begin().await.unwrap();
        raw_append(&mut doomed, "doomed").await;
        doomed.rollback().await.unwrap();
        let position = append_one(&store, "a").await.get();

        assert_eq!(readable(&store).await, [position]);
        assert_eq!(store.head_stall(), None);
        drop((writer, second, other));
        elsewhere.drop().await;
    })
    .await;
}

#[tokio::test]
async fn who_stalls_the_head_is_shown_and_readers_are_woken_when_it_ends() {
    in_database("who_stalls_the_head_is_shown", |database| async move {
        let store = database.store().await;
        let before = append_one(&store, "before").await;
        let mut session = database.session().await;
        execute(&mut session, "set application_name = 'night import'").await;
        let pid: i32 = sqlx::query_scalar("select pg_backend_pid()")
            .fetch_one(&mut session)
            .await
            .unwrap();
        let mut holder = session.begin().await.unwrap();
        let missing = raw_append(&mut holder, "holder").await;
        let after = append_one(&store, "after").await;

        assert_eq!(store.head().await.unwrap(), before);
        assert_eq!(
            store.head_stall(),
            None,
            "an append under way is no stall yet"
        );
        until("the stall is shown", || async {
            store.head().await.unwrap();
            store.head_stall().is_some()
        })
        .await;
        let stall = store.head_stall().unwrap();
        assert_eq!(stall.first_missing.get(), missing);
        assert!(stall.since.elapsed() >= Duration::from_millis(100));
        let holders: Vec<_> = stall
            .holders
            .iter()
            .map(|holder| (holder.pid, holder.application_name.as_deref()))
            .collect();
        assert_eq!(holders, [(Some(pid), Some("night import"))]);

        // Nobody tells that this transaction ends; who waits for changes is woken all the same.
        let mut changes = store.changes();
        let (waits, waiting) = tokio::sync::oneshot::channel();
        let reader = tokio::spawn({
            let store = store.clone();
            async move {
                assert!(store.head().await.unwrap() < after);
                waits.send(()).unwrap();
                while store.head().await.unwrap() < after {
                    changes.changed(Duration::from_secs(600)).await;
                }
            }
        });
        waiting.await.unwrap();
        holder.commit().await.unwrap();
        tokio::time::timeout(PATIENCE, reader)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(store.head_stall(), None);
        assert_eq!(readable(&store).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_prepared_transaction_holds_the_fence() {
    let options = Options::fast().with_setting("max_prepared_transactions", "2");
    let server = provide(options, Installing::Never);
    let availability = match &server {
        Ok(server) => Availability::Available(server.url()),
        Err(error) => Availability::Missing(error.report()),
    };
    let Some(url) = require_or_skip("a_prepared_transaction_holds_the_fence", availability) else {
        return;
    };
    let database = TestDatabase::create(&url, "prepared").await;
    let store = database.store().await;
    let mut session = database.session().await;
    execute(&mut session, "begin").await;
    let missing = raw_append(&mut session, "prepared").await;
    execute(&mut session, "prepare transaction 'forgotten'").await;
    session.close().await.unwrap();
    let after = append_one(&store, "after").await.get();

    assert_eq!(readable(&store).await, [0_u64; 0]);
    until("the stall is shown", || async {
        store.head().await.unwrap();
        store.head_stall().is_some()
    })
    .await;
    let stall = store.head_stall().unwrap();
    assert_eq!(stall.holders[0].pid, None);
    assert_eq!(
        stall.holders[0].prepared_transaction.as_deref(),
        Some("forgotten")
    );

    execute(&mut database.session().await, "commit prepared 'forgotten'").await;
    assert_eq!(readable(&store).await, [missing, after]);
}

/// Writers that roll back and dawdle, a reader that follows them, and beside it the control: a reader who believes that
/// what is visible is all there will be. The control must lose events, or the test proves nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tailing_reader_misses_nothing_where_a_naive_one_does() {
    const WRITERS: usize = 8;
    const APPENDS: usize = 150;
    in_database("a_tailing_reader_misses_nothing", |database| async move {
        let store = database.store().await;
        let writing = Arc::new(AtomicBool::new(true));
        let reader = tokio::spawn(tail(store.clone(), writing.clone()));
        let control = tokio::spawn(naive_tail(database.clone(), writing.clone()));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| tokio::spawn(write(database.clone(), writer, APPENDS)))
            .collect();
        let mut stored = BTreeSet::new();
        for writer in writers {
            stored.extend(writer.await.unwrap());
        }
        writing.store(false, Ordering::Release);

        let read = reader.await.unwrap();
        assert!(read.is_sorted_by(|a, b| a < b), "out of order or twice");
        assert_eq!(read.into_iter().collect::<BTreeSet<_>>(), stored);
        let seen_by_control = control.await.unwrap();
        assert!(
            seen_by_control.len() < stored.len(),
            "the control lost nothing"
        );
    })
    .await;
}

/// The positions that were committed.
async fn write(database: TestDatabase, writer: usize, appends: usize) -> Vec<u64> {
    let mut session = database.session().await;
    let mut stored = Vec::new();
    for n in 0..appends {
        let mut transaction = session.begin().await.unwrap();
        let position = raw_append(&mut transaction, &format!("{writer}-{}", n % 5)).await;
        match (n * 7 + writer) % 20 {
            0 => {
                transaction.rollback().await.unwrap();
                continue;
            }
            // Not a wait for anything: it is slow, as a loaded client may be.
            1 => tokio::time::sleep(Duration::from_millis(25)).await,
            _ => {}
        }
        transaction.commit().await.unwrap();
        stored.push(position);
    }
    stored
}

async fn tail(store: PostgresStore, writing: Arc<AtomicBool>) -> Vec<u64> {
    let mut after = GlobalPosition::START;
    let mut read = Vec::new();
    loop {
        let last_round = !writing.load(Ordering::Acquire);
        let page = store.read_all(ReadAll::after(after)).await.unwrap();
        read.extend(page.events.iter().map(|event| event.position.get()));
        after = page.scanned_to;
        if last_round && page.at_head {
            return read;
        }
    }
}

async fn naive_tail(database: TestDatabase, writing: Arc<AtomicBool>) -> Vec<u64> {
    let mut session = database.session().await;
    let mut read = Vec::new();
    loop {
        let last_round = !writing.load(Ordering::Acquire);
        let positions: Vec<i64> = sqlx::query_scalar(
            "select position from orchestrix.events where position > $1 order by position",
        )
        .bind(read.last().map_or(0, |last: &u64| *last as i64))
        .fetch_all(&mut session)
        .await
        .unwrap();
        read.extend(positions.iter().map(|position| *position as u64));
        if last_round && positions.is_empty() {
            return read;
        }
    }
}
