//! Aggregates as they were.

use orchestrix::prelude::*;
use serde_json::json;

use super::account::{Account, Bank, account, deposit, open};
use super::counter::{Counter, Counting};
use super::stored::{event, write};
use super::{Outcome, start};

#[tokio::test]
async fn each_version_is_the_fold_of_its_prefix() -> Outcome {
    const EVENTS: u32 = 2_100;
    let store = MemoryStore::new();
    let counted = |by: u32| event("Counted", 1, json!({ "counter": "a", "by": by }));
    for chunk in (1..=EVENTS).collect::<Vec<_>>().chunks(700) {
        write(
            &store,
            "counter-a",
            chunk.iter().copied().map(counted).collect(),
        )
        .await?;
    }
    let app = start(store, Counting).await;
    let mut sum = 0;
    for version in 0..=EVENTS {
        sum += version;
        // Every one near the ends of pages, and some between.
        let near_a_page = [0, 999, 1_000, 1_001, 1_999, 2_000, 2_001, EVENTS].contains(&version);
        if near_a_page || version % 97 == 0 {
            let at = StreamVersion::new(u64::from(version));
            let loaded = app.load::<Counter>("a").at(at).await?;
            assert_eq!(
                (loaded.version, loaded.position.get()),
                (at, u64::from(version))
            );
            assert_eq!(
                loaded.state,
                Some(Counter {
                    total: sum,
                    limit: None
                })
            );
        }
    }
    let end = app.load::<Counter>("a").await?;
    assert_eq!(end.state.as_ref().map(|state| state.total), Some(sum));
    let beyond = app
        .load::<Counter>("a")
        .at(StreamVersion::new(u64::MAX))
        .await?;
    assert_eq!(beyond, end, "a version beyond the end is the end");
    Ok(())
}

#[tokio::test]
async fn before_its_first_event_a_constructed_aggregate_is_not_there() -> Outcome {
    let app = start(MemoryStore::new(), Bank).await;
    app.dispatch(open("7")).await?;
    app.dispatch(deposit("7", 5)).await?;
    let id = account("7");
    let at = |version| app.load::<Account>(&id).at(StreamVersion::new(version));
    assert_eq!(at(0).await?.state, None);
    assert_eq!(at(1).await?.state.map(|state| state.balance), Some(0));
    assert_eq!(at(2).await?.state.map(|state| state.balance), Some(5));
    let absent = app.load::<Account>(&account("8")).await?;
    assert_eq!((absent.state, absent.version), (None, StreamVersion::NONE));
    Ok(())
}
