//! Rows that nothing of this crate wrote.

use std::error::Error as _;

use orchestrix::error::chain;
use orchestrix::store::{
    AppendError, EventQuery, EventStore, Filter, GlobalPosition, IdempotencyKey, ReadAll,
    ReadError, ReadStream,
};
use orchestrix_sqlite::DriverError;

use crate::fixture::{Place, any, append_one, event, stream, tag, tagged};

/// Reads a log of three events whose second was changed by `change`.
async fn check(column: &str, value: &str) {
    let place = Place::new();
    let store = place.open().await;
    let events = vec![event("A"), event("B"), event("C")];
    append_one(&store, any("7", events))
        .await
        .expect("an append");
    let change = format!("UPDATE events SET {column} = {value} WHERE position = 2");
    place.stranger().execute_batch(&change).expect("a change");

    let all = ReadAll::after(GlobalPosition::START);
    let error = store
        .read_all(all.clone())
        .await
        .expect_err("a damaged row");
    assert!(
        matches!(&error, ReadError::Corrupt { place, .. } if place == "position 2"),
        "{error:?}"
    );
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    assert!(
        matches!(cause, Some(DriverError::Column { column: named, .. }) if *named == column),
        "{error:?}"
    );
    let text = chain(&error);
    assert!(text.contains(&format!("`{column}`")), "{text}");
    assert!(!error.is_transient());

    let page = store
        .read_all(all.limit(1))
        .await
        .expect("the page before it");
    assert_eq!(page.scanned_to, GlobalPosition::new(1));
    let page = store
        .read_all(ReadAll::after(GlobalPosition::new(2)))
        .await
        .expect("the page behind it");
    assert_eq!(page.events.len(), 1);
}

#[tokio::test]
async fn damaged_rows_are_named() {
    for (column, value) in [
        ("version", "-5"),
        ("event_id", "x'00'"),
        ("event_type", "CAST(x'ff' AS TEXT)"),
        ("schema_version", "-1"),
        ("schema_version", "4294967296"),
        ("occurred_at", "9223372036854775807"),
        ("metadata", "'{'"),
        ("metadata", r#"'{"correlation_id":"7"}'"#),
        ("payload", "CAST(x'ff' AS TEXT)"),
        ("payload", "7"),
        ("tags", "'{'"),
        ("tags", "'null'"),
        ("tags", r#"'[""]'"#),
        ("tenant", "''"),
        ("stream", "'nohyphen'"),
    ] {
        check(column, value).await;
    }
}

#[tokio::test]
async fn a_damaged_row_of_a_stream_is_named_too() {
    let place = Place::new();
    let store = place.open().await;
    append_one(&store, any("7", vec![event("A"), event("B")]))
        .await
        .expect("an append");
    place
        .stranger()
        .execute_batch("UPDATE events SET metadata = '['")
        .expect("a change");
    let error = store
        .read_stream(ReadStream::backward(stream("7")))
        .await
        .expect_err("damaged");
    assert!(
        matches!(&error, ReadError::Corrupt { place, .. } if place == "position 2"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_tag_without_an_event_is_no_event_but_damage() {
    let place = Place::new();
    let store = place.open().await;
    let events = vec![tagged("A", &["x"]), event("B")];
    append_one(&store, any("7", events))
        .await
        .expect("an append");
    place
        .stranger()
        .execute_batch("DELETE FROM events WHERE position = 1")
        .expect("a change");
    let filter = Filter::all().query(EventQuery::tagged([tag("x")]));
    let error = store
        .read_all(ReadAll::after(GlobalPosition::START).filter(filter))
        .await
        .expect_err("damaged");
    let ReadError::Corrupt { place, source } = error else {
        panic!("{error:?}")
    };
    assert_eq!(place, "position 1");
    assert!(
        matches!(source.downcast_ref(), Some(DriverError::TagWithoutEvent)),
        "{source:?}"
    );
}

#[tokio::test]
async fn an_outcome_that_cannot_be_read_is_not_made_up() {
    let place = Place::new();
    let store = place.open().await;
    let key = IdempotencyKey::new("request-1").expect("a valid key");
    let append = || any("7", vec![event("A")]).with_idempotency_key(key.clone());
    append_one(&store, append()).await.expect("an append");
    place
        .stranger()
        .execute_batch("UPDATE idempotency_keys SET streams = '[[1]]'")
        .expect("a change");
    let error = append_one(&store, append()).await.expect_err("damaged");
    assert!(matches!(error, AppendError::Failed { .. }), "{error:?}");
    append_one(&store, any("7", vec![event("B")]))
        .await
        .expect("others go on");
}
