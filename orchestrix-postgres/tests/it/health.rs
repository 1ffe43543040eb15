//! What is said about the server, and whether it is true.

use std::time::{Duration, Instant};

use orchestrix::store::{Backend, EventStore, StoreHealth};
use orchestrix_postgres::{PostgresOptions, PostgresStore};
use sqlx::Connection;

use crate::fixture::{append_one, execute, in_database, raw_append, readable, until};

fn value<'a>(health: &'a StoreHealth, name: &str) -> (&'a str, bool) {
    let found = health.settings.iter().find(|setting| setting.name == name);
    let setting = found.unwrap();
    (setting.value.as_str(), setting.holds)
}

#[tokio::test]
async fn the_settings_are_those_of_the_server() {
    in_database(
        "the_settings_are_those_of_the_server",
        |database| async move {
            let store = database.store().await;
            let health = store.health().await;
            assert_eq!(health.backend, "postgresql");
            assert!(*health.round_trip.as_ref().unwrap() > Duration::ZERO);
            assert!(health.head_stall.is_none());
            let mut session = database.session().await;
            for name in [
                "server_version",
                "fsync",
                "full_page_writes",
                "synchronous_commit",
            ] {
                let there: String = sqlx::query_scalar("select current_setting($1)")
                    .bind(name)
                    .fetch_one(&mut session)
                    .await
                    .unwrap();
                let expected = matches!(name, "server_version") || there != "off";
                assert_eq!(value(&health, name), (there.as_str(), expected), "{name}");
            }
            assert_eq!(
                value(&health, "transaction_isolation"),
                ("read committed", true)
            );
            assert_eq!(value(&health, "transaction_read_only"), ("off", true));
            assert_eq!(
                value(&health, "events_position_seq"),
                ("increment 1, cache 1", true)
            );
            assert!(health.to_string().contains("\nfsync = "), "{health}");
        },
    )
    .await;
}

#[tokio::test]
async fn what_breaks_a_promise_is_seen_while_the_store_is_open() {
    in_database("what_breaks_a_promise_is_seen", |database| async move {
        let mut session = database.session().await;
        let alter = |setting: &str| format!("alter database {} set {setting}", database.name);
        execute(&mut session, &alter("synchronous_commit = local")).await;
        let store = database.store().await;
        let health = store.health().await;
        assert_eq!(value(&health, "synchronous_commit"), ("local", true));

        // Holds for sessions that begin later.
        execute(&mut session, &alter("synchronous_commit = off")).await;
        execute(&mut session, &alter("default_transaction_read_only = on")).await;
        let later = database.store().await;
        let health = later.health().await;
        assert_eq!(value(&health, "synchronous_commit"), ("off", false));
        assert_eq!(value(&health, "transaction_read_only"), ("on", false));
        assert!(!health.is_well(), "{health}");

        // This one holds for all.
        execute(&mut session, "set default_transaction_read_only = off").await;
        execute(
            &mut session,
            "alter sequence orchestrix.events_position_seq cache 7",
        )
        .await;
        let health = store.health().await;
        assert_eq!(
            value(&health, "events_position_seq"),
            ("increment 1, cache 7", false)
        );
    })
    .await;
}

#[tokio::test]
async fn a_stalled_head_is_reported_with_who_holds_it() {
    in_database("a_stalled_head_is_reported", |database| async move {
        let store = database.store().await;
        append_one(&store, "a").await;
        let mut session = database.session().await;
        execute(&mut session, "set application_name = 'slow import'").await;
        let mut open = session.begin().await.unwrap();
        let missing = raw_append(&mut open, "open").await;
        append_one(&store, "b").await;
        until("the stall is noticed", || async {
            store.head().await.unwrap();
            store.health().await.head_stall.is_some()
        })
        .await;
        let stall = store.health().await.head_stall.unwrap();
        assert_eq!(stall.first_missing.get(), missing);
        assert!(stall.lasted >= Duration::from_millis(100));
        assert!(
            matches!(&stall.holders[..], [holder] if holder.contains("slow import")),
            "{:?}",
            stall.holders
        );
        open.commit().await.unwrap();
        assert_eq!(readable(&store).await.len(), 3);
        assert!(store.health().await.head_stall.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_silent_server_is_told_in_time() {
    in_database("a_silent_server_is_told_in_time", |database| async move {
        append_one(&database.store().await, "a").await;
        let (proxy, url) = database.behind_proxy().await;
        let options = PostgresOptions::new(url)
            .with_acquire_timeout(Duration::from_secs(1))
            .with_answer_timeout(Duration::from_millis(300));
        let store = PostgresStore::connect_with(options).await.unwrap();
        assert!(store.health().await.round_trip.is_ok());
        proxy.blackhole();
        let start = Instant::now();
        let health = store.health().await;
        assert!(start.elapsed() < Duration::from_secs(5));
        assert!(health.round_trip.is_err() && !health.is_well(), "{health}");
        proxy.heal();
        until("it answers again", || async {
            store.health().await.round_trip.is_ok()
        })
        .await;
        store.close().await.unwrap();
        assert!(store.health().await.round_trip.is_err());
    })
    .await;
}
