//! Whose file it is, and how it is kept.

use std::time::Duration;

use orchestrix::error::chain;
use orchestrix_sqlite::{SqliteError, SqliteOptions, SqliteStore};
use rusqlite::Connection;

use crate::fixture::{Place, any, append_one, event, stream_of};

async fn refusal(options: SqliteOptions) -> SqliteError {
    SqliteStore::open_with(options)
        .await
        .expect_err("the store must not open")
}

#[tokio::test]
async fn settings_are_what_durability_needs() {
    let place = Place::new();
    let store = place.open().await;
    let settings = store.settings();
    assert_eq!(settings.path.as_deref(), Some(place.path.as_path()));
    assert_eq!(settings.journal_mode, "wal");
    assert!(settings.synchronous_full);
    assert_eq!(settings.schema_version, 8);
    let mode: String = place
        .stranger()
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .expect("a setting");
    assert_eq!(mode, "wal");
}

#[tokio::test]
async fn a_store_in_memory_is_no_file() {
    let store = SqliteStore::in_memory().await.expect("the store opens");
    assert_eq!(store.settings().path, None);
    let other = SqliteStore::in_memory().await.expect("the store opens");
    append_one(&store, any("7", vec![event("Opened")]))
        .await
        .expect("an append");
    assert_eq!(stream_of(&store.clone(), "7").await.len(), 1);
    assert_eq!(stream_of(&other, "7").await.len(), 0);
}

#[tokio::test]
async fn migrations_run_once() {
    let place = Place::new();
    for _ in 0..3 {
        let store = place.open().await;
        append_one(&store, any("7", vec![event("Opened")]))
            .await
            .expect("an append");
    }
    assert_eq!(stream_of(&place.open().await, "7").await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_may_open_a_new_file_at_once() {
    let place = Place::new();
    let opening: Vec<_> = (0..8)
        .map(|_| tokio::spawn(SqliteStore::open(place.path.clone())))
        .collect();
    for (n, store) in opening.into_iter().enumerate() {
        let store = store.await.expect("no panic").expect("the store opens");
        append_one(&store, any(&n.to_string(), vec![event("Opened")]))
            .await
            .expect("an append");
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let place = Place::new();
    drop(place.open().await);
    place
        .stranger()
        .pragma_update(None, "user_version", 99)
        .expect("an update");
    let error = refusal(place.options()).await;
    assert!(
        matches!(
            error,
            SqliteError::NewerSchema {
                found: 99,
                known: 8,
                ..
            }
        ),
        "{error:?}"
    );
    let text = chain(&error);
    assert!(
        text.contains("schema 99") && text.contains("use a newer version"),
        "{text}"
    );
}

#[tokio::test]
async fn the_database_of_another_application_is_left_as_it_is() {
    let cases: &[(&str, i32)] = &[
        ("CREATE TABLE notes (text TEXT)", 0),
        ("PRAGMA application_id = 7", 7),
        // The name of a table is no proof.
        (
            "CREATE TABLE events (position INTEGER PRIMARY KEY); PRAGMA user_version = 1",
            0,
        ),
    ];
    for (sql, id) in cases {
        let place = Place::new();
        place
            .stranger()
            .execute_batch(sql)
            .expect("a foreign database");
        let before = std::fs::read(&place.path).expect("the file");
        let error = refusal(place.options()).await;
        assert!(
            matches!(error, SqliteError::ForeignDatabase { application_id, .. } if application_id == *id),
            "{sql}: {error:?}"
        );
        assert_eq!(
            std::fs::read(&place.path).expect("the file"),
            before,
            "{sql}"
        );
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_as_it_is() {
    let place = Place::new();
    let text = "InvoiceNo,StockCode\n".repeat(100);
    std::fs::write(&place.path, &text).expect("a file");
    let error = refusal(place.options()).await;
    assert!(
        matches!(error, SqliteError::NotADatabase { .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("events.db"), "{error}");
    assert_eq!(
        std::fs::read_to_string(&place.path).expect("the file"),
        text
    );
}

#[tokio::test]
async fn an_empty_file_becomes_a_store() {
    let place = Place::new();
    std::fs::write(&place.path, "").expect("a file");
    place.open().await;
}

#[tokio::test]
async fn paths_that_cannot_be_are_named() {
    let place = Place::new();
    let folder = place.path.parent().expect("a folder");
    let error = refusal(SqliteOptions::new(folder)).await;
    assert!(matches!(error, SqliteError::IsFolder { .. }), "{error:?}");

    let error = refusal(SqliteOptions::new(folder.join("none").join("events.db"))).await;
    assert!(
        matches!(error, SqliteError::MissingFolder { .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("create it first"), "{error}");
    assert!(!folder.join("none").exists());

    std::fs::write(&place.path, "").expect("a file");
    let error = refusal(SqliteOptions::new(place.path.join("events.db"))).await;
    assert!(
        matches!(error, SqliteError::MissingFolder { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_file_that_may_not_be_written_is_refused() {
    let place = Place::new();
    drop(place.open().await);
    let mut permissions = place.path.metadata().expect("the file").permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&place.path, permissions).expect("new permissions");
    let error = refusal(place.options()).await;
    assert!(matches!(error, SqliteError::ReadOnly { .. }), "{error:?}");
}

#[tokio::test]
async fn odd_names_are_names_of_files() {
    let place = Place::new();
    let folder = place.path.parent().expect("a folder");
    for name in ["file:x?mode=memory", "a b%20c", "ä'\"--.db"] {
        let path = folder.join(name);
        let store = SqliteStore::open(&path).await.expect("the store opens");
        assert!(path.is_file(), "{name}");
        append_one(&store, any("7", vec![event("Opened")]))
            .await
            .expect("an append");
    }
}

#[tokio::test]
async fn options_that_make_no_sense_are_refused() {
    let place = Place::new();
    let too_long = Duration::from_millis(i32::MAX as u64 + 1);
    let cases = [
        ("path", SqliteOptions::new("")),
        ("path", SqliteOptions::new(":memory:")),
        ("readers", place.options().with_readers(0)),
        ("readers", place.options().with_readers(65)),
        ("busy_timeout", place.options().with_busy_timeout(too_long)),
        ("queue", place.options().with_queue(0)),
        ("queue", place.options().with_queue(usize::MAX)),
        ("max_bytes", place.options().with_max_bytes(0)),
    ];
    for (name, options) in cases {
        let error = refusal(options).await;
        assert!(
            matches!(error, SqliteError::Option { option, .. } if option == name),
            "{error:?}"
        );
    }
    assert!(!place.path.exists());
}

#[tokio::test]
async fn a_locked_file_is_busy() {
    let place = Place::new();
    let stranger = Connection::open(&place.path).expect("a new file");
    stranger
        .execute_batch("CREATE TABLE notes (text TEXT); BEGIN EXCLUSIVE")
        .expect("an exclusive lock");
    let error = refusal(place.options().with_busy_timeout(Duration::from_millis(20))).await;
    assert!(
        matches!(&error, SqliteError::Busy { path, .. } if *path == place.path),
        "{error:?}"
    );
    assert!(error.is_transient(), "{error:?}");
    assert!(
        chain(&error).contains("database is locked"),
        "{}",
        chain(&error)
    );
}
