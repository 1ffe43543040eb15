//! Reads of large logs, and what SQLite might get wrong about values.

use jiff::Timestamp;
use orchestrix::store::{
    EventStore, Filter, GlobalPosition, ReadAll, ReadModelStore, ReadStream, StreamVersion,
    TenantId,
};

use crate::fixture::{Place, any, append_one, event, stream, stream_of};

/// Many events without tags, by plain SQL.
pub(crate) fn fill(place: &Place, count: u64) {
    place
        .stranger()
        .execute_batch(&format!(
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count})
             INSERT INTO events SELECT NULL, 'default', 'noise-' || n, 'noise', 1, randomblob(16), 'Noise', 1, 0,
             NULL, '{{}}', '{{}}' FROM n"
        ))
        .expect("many events");
}

#[tokio::test]
async fn a_rare_event_is_found_and_the_rest_is_gone_through_once() {
    const NOISE: u64 = 250_000;
    let place = Place::new();
    let store = place.open().await;
    fill(&place, NOISE);
    append_one(&store, any("7", vec![event("Rare")]))
        .await
        .expect("an append");
    for filter in [
        Filter::all().event_types(["Rare", "Absent"]),
        Filter::all()
            .categories(["account"])
            .tenant(TenantId::default()),
    ] {
        let mut after = GlobalPosition::START;
        let mut found = Vec::new();
        for pages in 1.. {
            assert!(
                pages <= 3,
                "it is gone through in more pages than there are windows"
            );
            let read = ReadAll::after(after).filter(filter.clone());
            let page = store.read_all(read).await.expect("a page");
            assert!(page.scanned_to > after);
            after = page.scanned_to;
            found.extend(page.events);
            if page.at_head {
                break;
            }
        }
        assert_eq!(after, GlobalPosition::new(NOISE + 1));
        assert_eq!(found.len(), 1);
        let read = ReadAll::after(after).filter(filter);
        let page = store.read_all(read).await.expect("a page");
        assert!(page.at_head && page.events.is_empty());
        assert_eq!(page.scanned_to, after);
    }
}

#[tokio::test]
async fn places_beyond_what_sqlite_counts_are_just_far_away() {
    let place = Place::new();
    let store = place.open().await;
    append_one(&store, any("7", vec![event("A")]))
        .await
        .expect("an append");
    let far = ReadStream::forward(stream("7")).from(StreamVersion::new(u64::MAX));
    assert!(store.read_stream(far).await.expect("a read").is_empty());
    let far = GlobalPosition::new(u64::MAX);
    let page = store.read_all(ReadAll::after(far)).await.expect("a page");
    assert_eq!(page.scanned_to, far);
    assert!(page.events.is_empty() && page.at_head);
}

#[tokio::test]
async fn times_are_rounded_down_to_microseconds() {
    let place = Place::new();
    let store = place.open().await;
    let cases = [
        (Timestamp::from_nanosecond(-1).expect("a time"), -1),
        (Timestamp::from_nanosecond(1_999).expect("a time"), 1),
        (Timestamp::MIN, Timestamp::MIN.as_microsecond()),
        (Timestamp::MAX, Timestamp::MAX.as_microsecond()),
    ];
    for (n, (time, microseconds)) in cases.into_iter().enumerate() {
        let key = n.to_string();
        append_one(&store, any(&key, vec![event("A").with_occurred_at(time)]))
            .await
            .expect("an append");
        let read = stream_of(&store, &key).await.remove(0);
        assert_eq!(
            read.data.occurred_at.as_microsecond(),
            microseconds,
            "{time}"
        );
    }
}

#[tokio::test]
async fn a_scan_from_the_start_has_the_empty_key() {
    let place = Place::new();
    let store = place.open().await;
    let stranger = place.stranger();
    stranger
        .execute_batch(
            "INSERT INTO documents (collection, tenant, key, body)
             VALUES ('c', 'default', '', '1'), ('c', 'default', 'ä', '3'), ('c', 'default', 'z', '2')",
        )
        .expect("documents");
    let keys = async |after| {
        let found = store
            .scan("c", &TenantId::default(), after, usize::MAX)
            .await
            .expect("a scan");
        found
            .into_iter()
            .map(|document| document.key)
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(None).await, ["", "z", "ä"]);
    assert_eq!(keys(Some("")).await, ["z", "ä"]);
    assert_eq!(keys(Some("z")).await, ["ä"]);
}
