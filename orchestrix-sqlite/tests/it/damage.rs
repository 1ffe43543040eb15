//! Rows that nothing of this crate wrote.

use orchestrix::error::chain;
use orchestrix::store::{EventStore, GlobalPosition, ReadAll, ReadError, ReadStream};

use crate::fixture::{Place, any, append_one, event, stream};

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
