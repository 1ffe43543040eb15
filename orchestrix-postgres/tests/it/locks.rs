//! Locks between sessions, and sessions that are lost.

use std::time::{Duration, Instant};

use orchestrix::error::chain;
use orchestrix::store::{Backend, LockError, LockKey, LockStore, TenantId};
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use sqlx::PgConnection;

use crate::fixture::{PATIENCE, TestDatabase, append_one, in_database, readable, until};

const ANSWER_TIMEOUT: Duration = Duration::from_millis(400);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(1);
/// A few of these limits.
const IN_TIME: Duration = Duration::from_secs(6);

fn key(name: &str) -> LockKey {
    LockKey::new(TenantId::default(), name).unwrap()
}

/// Locks of sessions, as the server counts them: `append_batch` has its locks for a transaction only.
async fn locks_there(session: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "select count(*) from pg_locks
          where locktype = 'advisory' and mode = 'ExclusiveLock' and objsubid = 1 and classid::bigint >> 16 = 65535
            and database = (select oid from pg_database where datname = current_database())",
    )
    .fetch_one(session)
    .await
    .unwrap()
}

/// Ends the sessions that hold locks.
async fn end_holders(session: &mut PgConnection) -> usize {
    let ended: Vec<bool> = sqlx::query_scalar(
        "select pg_terminate_backend(pid) from (
             select distinct pid from pg_locks
              where locktype = 'advisory' and objsubid = 1 and classid::bigint >> 16 = 65535
                and database = (select oid from pg_database where datname = current_database())) as holders",
    )
    .fetch_all(session)
    .await
    .unwrap();
    ended.len()
}

async fn store_behind(database: &TestDatabase, url: String) -> PostgresStore {
    // Tables are there before time is short.
    append_one(&database.store().await, "a").await;
    let options = PostgresOptions::new(url)
        .with_acquire_timeout(ACQUIRE_TIMEOUT)
        .with_answer_timeout(ANSWER_TIMEOUT);
    PostgresStore::connect_with(options).await.unwrap()
}

#[tokio::test]
async fn two_stores_exclude_each_other_by_name_and_tenant() {
    in_database("two_stores_exclude_each_other", |database| async move {
        let (one, other) = (database.store().await, database.store().await);
        let report = key("report");
        let held = one.try_lock(&report).await.unwrap().unwrap();
        assert!(one.try_lock(&report).await.unwrap().is_none());
        assert!(other.try_lock(&report).await.unwrap().is_none());
        assert_eq!((one.held_locks(), other.held_locks()), (1, 0));
        assert!(held.is_held().await.unwrap());

        let tenants = LockKey::new(TenantId::new("acme").unwrap(), "report").unwrap();
        let elsewhere = other.try_lock(&tenants).await.unwrap().unwrap();
        let third = other.try_lock(&key("report2")).await.unwrap().unwrap();
        held.release().await.unwrap();
        let taken_over = other.lock(&report, PATIENCE).await.unwrap();
        assert!(one.try_lock(&report).await.unwrap().is_none());
        assert_eq!((one.held_locks(), other.held_locks()), (0, 3));

        let mut session = database.session().await;
        assert_eq!(locks_there(&mut session).await, 3);
        for lock in [elsewhere, third, taken_over] {
            lock.release().await.unwrap();
        }
        assert_eq!(locks_there(&mut session).await, 0);
    })
    .await;
}

#[tokio::test]
async fn stores_in_two_schemas_do_not_exclude_each_other() {
    in_database("stores_in_two_schemas", |database| async move {
        let one = database.store().await;
        let options = PostgresOptions::new(&database.url).with_schema("elsewhere");
        let other = PostgresStore::connect_with(options).await.unwrap();
        let _held = one.try_lock(&key("report")).await.unwrap().unwrap();
        assert!(other.try_lock(&key("report")).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn a_dropped_lock_is_released_and_free_here_at_once() {
    in_database("a_dropped_lock_is_released", |database| async move {
        let (one, other) = (database.store().await, database.store().await);
        let report = key("report");
        drop(one.try_lock(&report).await.unwrap().unwrap());
        let again = one.try_lock(&report).await.unwrap().unwrap();
        assert!(again.is_held().await.unwrap());
        drop(again);
        let mut session = database.session().await;
        until("nobody holds it", || async {
            locks_there(&mut database.session().await).await == 0
        })
        .await;
        let _taken = other.try_lock(&report).await.unwrap().unwrap();
        assert_eq!(locks_there(&mut session).await, 1);
    })
    .await;
}

#[tokio::test]
async fn who_stops_waiting_for_a_lock_leaves_none_behind() {
    in_database("who_stops_waiting_for_a_lock", |database| async move {
        let store = database.store().await;
        for n in 0..20 {
            let report = key(&format!("report {n}"));
            let taking = store.try_lock(&report);
            // As far as the runtime lets it go in so little time: before, while and after it is taken.
            let _ = tokio::time::timeout(Duration::from_micros(200 * n), taking).await;
        }
        until("all are free again", || async {
            store.held_locks() == 0 && locks_there(&mut database.session().await).await == 0
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_holder_whose_session_is_ended_is_told_and_others_go_on() {
    in_database("a_holder_whose_session_is_ended", |database| async move {
        let (one, other) = (database.store().await, database.store().await);
        let (report, second) = (key("report"), key("second"));
        let held = one.try_lock(&report).await.unwrap().unwrap();
        let asked_later = one.try_lock(&second).await.unwrap().unwrap();
        let mut session = database.session().await;
        assert_eq!(end_holders(&mut session).await, 1);

        let taken_over = other.lock(&report, PATIENCE).await.unwrap();
        assert!(!held.is_held().await.unwrap());
        let lost = held.release().await.unwrap_err();
        assert!(matches!(&lost, LockError::Lost { key } if *key == report));
        assert!(one.try_lock(&report).await.unwrap().is_none());
        assert!(taken_over.is_held().await.unwrap());

        // One session for all locks, so all of them are lost; and a new one does not bring them back.
        let new = one.try_lock(&key("third")).await.unwrap().unwrap();
        assert!(!asked_later.is_held().await.unwrap());
        assert!(matches!(
            asked_later.release().await,
            Err(LockError::Lost { .. })
        ));
        assert!(new.is_held().await.unwrap());
        new.release().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_session_that_was_lost_while_it_was_idle_is_made_anew() {
    in_database(
        "a_session_that_was_lost_while_idle",
        |database| async move {
            let store = database.store().await;
            let held = store.try_lock(&key("report")).await.unwrap().unwrap();
            assert_eq!(end_holders(&mut database.session().await).await, 1);
            until("nobody holds it", || async {
                locks_there(&mut database.session().await).await == 0
            })
            .await;
            // The first who asks notices, and is served all the same.
            let other = store.try_lock(&key("other")).await.unwrap().unwrap();
            other.release().await.unwrap();
            assert!(!held.is_held().await.unwrap());
        },
    )
    .await;
}

#[tokio::test]
async fn a_lock_in_a_silent_network_is_given_up_in_time() {
    in_database("a_lock_in_a_silent_network", |database| async move {
        let (proxy, url) = database.behind_proxy().await;
        let store = store_behind(&database, url).await;
        let held = store.try_lock(&key("report")).await.unwrap().unwrap();
        proxy.blackhole();

        let start = Instant::now();
        let asking: Vec<_> = (0..50)
            .map(|n| {
                let store = store.clone();
                let wanted = key(&format!("wanted {n}"));
                tokio::spawn(async move { store.try_lock(&wanted).await.map(|_lock| ()) })
            })
            .collect();
        for asked in asking {
            let error = asked.await.unwrap().unwrap_err();
            assert!(error.is_transient(), "{}", chain(&error));
        }
        assert!(start.elapsed() < IN_TIME, "{:?}", start.elapsed());
        assert_eq!(store.held_locks(), 1);

        // Nobody can say any more that it is held.
        let start = Instant::now();
        assert!(!held.is_held().await.unwrap());
        assert!(matches!(held.release().await, Err(LockError::Lost { .. })));
        assert!(start.elapsed() < IN_TIME, "{:?}", start.elapsed());
        proxy.heal();
        until("locks can be taken again", || async {
            store.try_lock(&key("report")).await.is_ok()
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_closed_store_holds_no_lock_and_takes_none() {
    in_database("a_closed_store_holds_no_lock", |database| async move {
        let store = database.store().await;
        let held = store.try_lock(&key("report")).await.unwrap().unwrap();
        store.close().await.unwrap();
        assert!(!held.is_held().await.unwrap());
        let error = store.try_lock(&key("other")).await.unwrap_err();
        assert!(
            matches!(error, LockError::Unavailable { .. }),
            "{}",
            chain(&error)
        );
        let other = database.store().await;
        let taken = other.lock(&key("report"), PATIENCE).await;
        assert!(taken.is_ok(), "{taken:?}");
    })
    .await;
}

#[tokio::test]
async fn readers_do_not_wait_for_who_holds_a_lock() {
    in_database("readers_do_not_wait_for_locks", |database| async move {
        let store = database.store().await;
        let _held = store.try_lock(&key("report")).await.unwrap().unwrap();
        let position = append_one(&store, "a").await;
        assert_eq!(readable(&store).await, [position.get()]);
        assert_eq!(store.head_stall(), None);
    })
    .await;
}
