//! What a store says about itself.

use std::time::Duration;

use orchestrix::store::{Backend, EventStore};
use orchestrix_sqlite::{DriverError, SqliteStore};

use crate::fixture::{Place, any, append_one, begun, event};

#[tokio::test]
async fn a_store_in_a_file_names_what_its_promises_rest_on() {
    let place = Place::new();
    let store = place.open().await;
    let health = store.health().await;
    assert!(health.is_well(), "{health}");
    assert_eq!(health.backend, "sqlite");
    let told: Vec<_> = health
        .settings
        .iter()
        .map(|setting| (setting.name, &*setting.value))
        .collect();
    let wanted = [
        ("application_id", "1330791256"),
        ("user_version", "8"),
        ("journal_mode", "wal"),
        ("synchronous", "2"),
    ];
    assert_eq!(told, wanted);
    assert!(health.to_string().contains("synchronous = 2"), "{health}");
}

#[tokio::test]
async fn a_store_in_memory_does_not_promise_to_last() {
    let store = SqliteStore::in_memory().await.expect("the store opens");
    let health = store.health().await;
    assert!(health.is_well(), "{health}");
    assert!(!health.to_string().contains("synchronous"), "{health}");
}

#[tokio::test]
async fn a_setting_that_somebody_changed_shows() {
    let place = Place::new();
    let store = place.open().await;
    place
        .stranger()
        .pragma_update(None, "user_version", 99)
        .expect("an update");
    let health = store.health().await;
    assert!(!health.is_well(), "{health}");
    let broken: Vec<_> = health
        .settings
        .iter()
        .filter(|setting| !setting.holds)
        .map(|setting| (setting.name, &*setting.value))
        .collect();
    assert_eq!(broken, [("user_version", "99")]);
    assert!(health.to_string().contains("DOES NOT HOLD"), "{health}");
}

#[tokio::test]
async fn a_writer_that_waits_for_others_is_not_well() {
    let place = Place::new();
    let options = place
        .options()
        .with_acquire_timeout(Duration::from_millis(20));
    let store = SqliteStore::open_with(options)
        .await
        .expect("the store opens");
    let lock = place.lock();
    let waiting = begun(append_one(&store, any("7", vec![event("A")])));
    // The thread may not have come to the append yet; then it answers first.
    let health = loop {
        let health = store.health().await;
        if !health.is_well() {
            break health;
        }
    };
    let error = health.round_trip.expect_err("it does not answer");
    assert!(
        matches!(error.downcast_ref(), Some(DriverError::WriterBusy { .. })),
        "{error:?}"
    );
    drop(lock);
    waiting.await.expect("an append");
    assert!(store.health().await.is_well());
    assert!(store.head().await.is_ok());
}
