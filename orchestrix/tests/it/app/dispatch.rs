//! The outcomes of a command.

use std::sync::atomic::Ordering::SeqCst;

use orchestrix::app::{Config, DispatchError};
use orchestrix::prelude::*;

use super::account::{Account, AccountError, Bank, OpenAccount, account, deposit, open};
use super::counter::{Counter, Counting, LimitReached, count, count_each, limit};
use super::stored::{all, events, stream};
use super::test_store::TestStore;
use super::{Outcome, start};

#[tokio::test]
async fn a_receipt_tells_what_was_stored_and_where() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    app.dispatch(count("other", 9)).await?;
    let receipt = app.dispatch(count_each("a", &[1, 2, 3])).await?;
    assert_eq!(receipt.stream, stream("counter-a"));
    assert_eq!((receipt.version.get(), receipt.position.get()), (3, 4));
    let stored = events(&store, "counter-a").await;
    assert_eq!(
        stored
            .iter()
            .map(|event| event.version.get())
            .collect::<Vec<_>>(),
        [1, 2, 3]
    );
    let told = receipt
        .events
        .iter()
        .map(|event| (event.event_id, &*event.event_type));
    let kept = stored
        .iter()
        .map(|event| (event.event_id(), event.event_type()));
    assert!(told.eq(kept), "{receipt:?}");
    assert_eq!(stored[0].data.schema_version, 1);
    assert_eq!(store.append_calls(), 2, "several events are one append");
    Ok(())
}

#[tokio::test]
async fn a_constructed_aggregate_is_created_once_and_must_exist_before_it_changes() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Bank).await;
    for _ in 0..2 {
        match app.dispatch(deposit("7", 5)).await {
            Err(error @ DispatchError::NotFound { .. }) => {
                assert_eq!(error.to_string(), "stream account-7 does not exist");
                assert!(!error.is_transient() && !error.is_conflict());
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(store.append_calls(), 0);
    let created = app
        .dispatch(OpenAccount {
            account: account("7"),
            gift: Some(50),
        })
        .actor("ada")
        .await?;
    assert_eq!((created.version.get(), created.events.len()), (2, 2));
    match app.dispatch(open("7")).await {
        Err(error @ DispatchError::AlreadyExists { .. }) => {
            assert_eq!(error.to_string(), "stream account-7 exists already");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(app.dispatch(deposit("7", 5)).await?.version.get(), 3);
    let loaded = app.load::<Account>(&account("7")).await?;
    let expected = Account {
        balance: 55,
        opened_by: Some("ada".to_owned()),
    };
    assert_eq!(loaded.state, Some(expected));
    assert_eq!(store.append_calls(), 2);
    Ok(())
}

#[tokio::test]
async fn a_refusal_is_the_domains_own_error_and_stores_nothing() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Bank).await;
    app.dispatch(open("7")).await?;
    let error = app
        .dispatch(deposit("7", -5))
        .await
        .expect_err("it is negative");
    assert_eq!(
        error.rejection(),
        Some(&AccountError::NotPositive { pence: -5 })
    );
    assert_eq!(error.to_string(), "-5 pence are not positive");
    assert!(!error.is_transient());
    assert_eq!(events(&store, "account-7").await.len(), 1);
    assert_eq!(store.append_calls(), 1);
    Ok(())
}

#[tokio::test]
async fn a_refusal_depends_on_the_state() -> Outcome {
    let app = start(TestStore::new(), Counting).await;
    app.dispatch(limit("a", 10)).await?;
    app.dispatch(count("a", 10)).await?;
    let error = app
        .dispatch(count("a", 1))
        .await
        .expect_err("the limit is reached");
    assert_eq!(error.rejection(), Some(&LimitReached { total: 10 }));
    app.dispatch(limit("a", 11)).await?;
    assert_eq!(app.dispatch(count("a", 1)).await?.version.get(), 4);
    Ok(())
}

#[tokio::test]
async fn no_events_append_nothing_and_keep_the_version() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    let nothing = app.dispatch(count_each("a", &[])).await?;
    assert_eq!((nothing.version.get(), nothing.position.get()), (0, 0));
    assert!(nothing.events.is_empty());
    let something = app.dispatch(count("a", 1)).await?;
    let nothing = app.dispatch(count_each("a", &[])).await?;
    assert_eq!(
        (nothing.version, nothing.position),
        (something.version, something.position)
    );
    assert_eq!(store.append_calls(), 1);
    assert_eq!(all(&store).await.len(), 1);
    Ok(())
}

#[tokio::test]
async fn without_a_cache_every_command_replays_the_stream() -> Outcome {
    let store = TestStore::new();
    let mut config = Config::new();
    config.cached_aggregates = 0;
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let app = builder.module(Counting).config(config).start().await?;
    for n in 1..=3 {
        assert_eq!(app.dispatch(count("a", 2)).await?.version.get(), n);
    }
    assert_eq!(
        app.load::<Counter>("a").await?.state,
        Some(Counter {
            total: 6,
            limit: None
        })
    );
    assert_eq!(store.calls.read_stream.load(SeqCst), 4);
    Ok(())
}

#[tokio::test]
async fn an_id_that_names_no_stream_is_refused_before_anything_happens() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    for bad in ["", "a\0b", "line\nbreak", &"x".repeat(600)] {
        match app.dispatch(count(bad, 1)).await {
            Err(DispatchError::InvalidId {
                command: "Count", ..
            }) => {}
            other => panic!("{bad:?}: {other:?}"),
        }
        assert!(app.load::<Counter>(bad).await.is_err());
    }
    for odd in ["--", "a-b", "50%", "'; drop table events", "ключ", " "] {
        assert_eq!(app.dispatch(count(odd, 1)).await?.stream.key(), odd);
    }
    assert_eq!(all(&store).await.len(), 6);
    Ok(())
}

#[tokio::test]
async fn a_command_whose_module_the_app_has_not_is_told_so() -> Outcome {
    let app = start(MemoryStore::new(), Bank).await;
    match app.dispatch(count("a", 1)).await {
        Err(
            error @ DispatchError::NotRegistered {
                command: "Count", ..
            },
        ) => {
            assert!(
                error
                    .to_string()
                    .ends_with("counter::Counter, which is in no module of this app"),
                "{error}"
            );
        }
        other => panic!("{other:?}"),
    }
    Ok(())
}

#[tokio::test]
async fn tenants_have_streams_of_their_own() -> Outcome {
    let store = MemoryStore::new();
    let app = start(store.clone(), Counting).await;
    let (red, blue) = (TenantId::new("red")?, TenantId::new("blue")?);
    app.dispatch(count("a", 1)).tenant(red.clone()).await?;
    app.dispatch(count("a", 2)).tenant(red.clone()).await?;
    let receipt = app.dispatch(count("a", 5)).tenant(blue.clone()).await?;
    assert_eq!(receipt.version.get(), 1);
    assert_eq!(
        receipt.stream,
        stream("counter-a").with_tenant(blue.clone())
    );
    let total = async |load: orchestrix::app::Load<Counter>| {
        load.await.map(|loaded| loaded.state.map(|s| s.total))
    };
    assert_eq!(total(app.load("a").tenant(red)).await?, Some(3));
    assert_eq!(total(app.load("a").tenant(blue)).await?, Some(5));
    assert_eq!(total(app.load("a")).await?, Some(0));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_before_it_stores_is_told_apart() -> Outcome {
    use orchestrix::testkit::faults::AppendFault::{Failed, Unavailable};
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    store.fail_next([Unavailable, Failed]);
    let error = app
        .dispatch(count("a", 1))
        .await
        .expect_err("the store is away");
    assert!(
        matches!(&error, DispatchError::Unavailable { .. }) && error.is_transient(),
        "{error:?}"
    );
    let error = app
        .dispatch(count("a", 1))
        .await
        .expect_err("the store refuses");
    assert!(
        matches!(&error, DispatchError::Store { .. }) && !error.is_transient(),
        "{error:?}"
    );
    assert_eq!(app.dispatch(count("a", 1)).await?.version.get(), 1);
    Ok(())
}

#[tokio::test]
async fn a_creating_command_asks_the_store_only_when_it_was_wrong() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Bank).await;
    app.dispatch(open("7")).await?;
    assert_eq!(
        (store.calls.read_stream.load(SeqCst), store.append_calls()),
        (0, 1)
    );
    // Another node, which has nothing in its cache: its append finds the account.
    let other = start(store.beside(), Bank).await;
    let again = other.dispatch(open("7")).await;
    assert!(
        matches!(again, Err(DispatchError::AlreadyExists { .. })),
        "{again:?}"
    );
    assert_eq!(events(&store, "account-7").await.len(), 1);
    assert_eq!(other.dispatch(deposit("7", 5)).await?.version.get(), 2);
    Ok(())
}

#[test]
fn a_rejection_is_told_with_its_own_causes() {
    #[derive(Debug, thiserror::Error)]
    #[error("the amount is unreadable")]
    struct Unreadable(#[source] std::num::ParseIntError);
    let cause = "x".parse::<i64>().expect_err("no number");
    let error = DispatchError::Rejected(Unreadable(cause));
    assert_eq!(
        orchestrix::error::chain(&error),
        "the amount is unreadable: invalid digit found in string"
    );
}

/// A map whose keys are no text is fine in Rust and impossible in JSON.
#[tokio::test]
async fn an_event_that_is_no_json_is_told_and_nothing_is_stored() -> Outcome {
    #[derive(Event, Serialize, Deserialize)]
    struct Placed {
        at: std::collections::BTreeMap<(u8, u8), u8>,
    }
    #[derive(Command)]
    struct Place {
        #[id]
        board: String,
        impossible: bool,
    }
    #[derive(Default)]
    struct Board;
    #[aggregate]
    impl Board {
        #[handle]
        fn place(&self, cmd: Place) -> Placed {
            let at = cmd.impossible.then_some(((1, 1), 1));
            Placed {
                at: at.into_iter().collect(),
            }
        }
        #[apply]
        fn placed(&mut self, event: &Placed) {
            assert!(event.at.is_empty());
        }
    }
    #[module(aggregates(Board))]
    struct Playing;

    let store = MemoryStore::new();
    let app = start(store.clone(), Playing).await;
    let place = |impossible| {
        app.dispatch(Place {
            board: "a".to_owned(),
            impossible,
        })
    };
    let error = place(true).await.expect_err("it is no JSON");
    assert!(!error.is_transient());
    assert_eq!(
        orchestrix::error::chain(&error),
        "event `Placed` cannot be encoded: key must be a string"
    );
    assert!(
        matches!(
            error,
            DispatchError::Encode {
                event_type: "Placed",
                ..
            }
        ),
        "{error:?}"
    );
    assert!(all(&store).await.is_empty());
    assert_eq!(place(false).await?.version.get(), 1);
    Ok(())
}
