//! Streams that are not what their aggregate can have written.

use orchestrix::aggregate::{BrokenStream, LoadError};
use orchestrix::app::DispatchError;
use orchestrix::error::chain;
use orchestrix::prelude::*;
use orchestrix::store::{EventData, RecordedEvent};
use serde_json::json;

use super::account::{Account, Bank, OpenAgain, account, deposit, open};
use super::counter::{Counter, Counting, count};
use super::stored::{event, events, stream, write};
use super::test_store::{ReadFault, TestStore};
use super::{Outcome, start};

fn opened() -> EventData {
    event(
        "AccountOpened",
        1,
        json!({ "account": "7", "owner": "ada" }),
    )
}

fn deposited() -> EventData {
    event("Deposited", 1, json!({ "account": "7", "pence": 5 }))
}

#[tokio::test]
async fn what_cannot_be_loaded_says_where_and_why() -> Outcome {
    let cases = [
        (
            vec![opened(), event("Paid", 1, json!({}))],
            "version 2 of stream account-7 is `Paid`, which aggregate `account` has no #[apply] for",
        ),
        (
            vec![opened(), deposited(), opened()],
            "version 3 of stream account-7, `AccountOpened`, cannot stand there: the event constructs a state that \
             is there already",
        ),
        (
            vec![deposited()],
            "version 1 of stream account-7, `Deposited`, cannot stand there: the event changes a state that no \
             earlier event has constructed",
        ),
        (
            vec![opened(), event("Deposited", 1, json!({ "account": "7" }))],
            "version 2 of stream account-7 could not be read: the payload of event `Deposited` (stored with schema \
             version 1) does not fit its type: missing field `pence` at line 1 column 15",
        ),
        (
            vec![event("AccountOpened", 3, json!({}))],
            "version 1 of stream account-7 could not be read: event `AccountOpened` was stored with schema version \
             3, this program knows up to 1",
        ),
    ];
    for (stored, expected) in cases {
        let store = TestStore::new();
        let before = stored.len();
        write(&store, "account-7", stored).await?;
        let app = start(store.clone(), Bank).await;
        let error = app
            .load::<Account>(&account("7"))
            .await
            .expect_err(expected);
        assert_eq!(chain(&error), expected);
        assert!(!error.is_transient());
        let error = app.dispatch(deposit("7", 1)).await.expect_err(expected);
        assert!(
            matches!(error, DispatchError::Corrupt { .. }) && !error.is_transient(),
            "{error:?}"
        );
        assert_eq!(
            events(&store, "account-7").await.len(),
            before,
            "nothing is written behind it"
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_variants_carry_what_is_needed_to_act() -> Outcome {
    let store = TestStore::new();
    write(&store, "account-7", vec![opened(), opened()]).await?;
    write(&store, "account-8", vec![event("Paid", 1, json!({}))]).await?;
    let app = start(store, Bank).await;
    match app.load::<Account>(&account("7")).await {
        Err(LoadError::Broken {
            stream: at,
            version,
            event_type,
            source,
        }) => {
            assert_eq!((at, version.get()), (stream("account-7"), 2));
            assert_eq!(
                (event_type.as_str(), source),
                ("AccountOpened", BrokenStream::ConstructedTwice)
            );
        }
        other => panic!("{other:?}"),
    }
    match app.load::<Account>(&account("8")).await {
        Err(LoadError::ForeignEvent {
            version,
            event_type,
            category,
            ..
        }) => {
            assert_eq!(
                (version.get(), event_type.as_str(), category),
                (1, "Paid", "account")
            );
        }
        other => panic!("{other:?}"),
    }
    Ok(())
}

/// Loses an event on the way, as a damaged database might.
mod lossy {
    use std::sync::Arc;

    use async_trait::async_trait;
    use orchestrix::message::MessageId;
    use orchestrix::store::{
        Append, AppendError, Appended, Changes, EventStore, ExpectedVersion, GlobalPosition,
        IdempotencyKey, MemoryStore, Page, ReadAll, ReadError, ReadStream, RecordedEvent, StreamId,
        StreamVersion, TenantId,
    };

    pub(super) fn without(store: MemoryStore, lost: StreamVersion) -> Arc<dyn EventStore> {
        Arc::new(Lossy { store, lost })
    }

    struct Lossy {
        store: MemoryStore,
        lost: StreamVersion,
    }

    #[async_trait]
    impl EventStore for Lossy {
        async fn append(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
            self.store.append(appends).await
        }

        async fn read_stream(&self, read: ReadStream) -> Result<Vec<RecordedEvent>, ReadError> {
            let mut events = self.store.read_stream(read).await?;
            events.retain(|event| event.version != self.lost);
            Ok(events)
        }

        async fn read_all(&self, read: ReadAll) -> Result<Page, ReadError> {
            self.store.read_all(read).await
        }

        async fn find_event(
            &self,
            tenant: &TenantId,
            event_id: MessageId,
        ) -> Result<Option<RecordedEvent>, ReadError> {
            self.store.find_event(tenant, event_id).await
        }

        async fn outcome_of(
            &self,
            tenant: &TenantId,
            key: &IdempotencyKey,
        ) -> Result<Option<Appended>, ReadError> {
            self.store.outcome_of(tenant, key).await
        }

        async fn archive_stream(
            &self,
            stream: &StreamId,
            expected: ExpectedVersion,
        ) -> Result<StreamVersion, AppendError> {
            self.store.archive_stream(stream, expected).await
        }

        async fn head(&self) -> Result<GlobalPosition, ReadError> {
            self.store.head().await
        }

        fn changes(&self) -> Changes {
            self.store.changes()
        }
    }
}

#[tokio::test]
async fn a_gap_is_never_folded_over() -> Outcome {
    let store = MemoryStore::new();
    let counted = |by: u32| event("Counted", 1, json!({ "counter": "a", "by": by }));
    write(&store, "counter-a", (1..=5).map(counted).collect()).await?;
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let lossy = lossy::without(store.clone(), StreamVersion::new(3));
    let app = builder.events(lossy).module(Counting).start().await?;
    let error = app.load::<Counter>("a").await.expect_err("3 is lost");
    assert_eq!(
        error.to_string(),
        "stream counter-a has a gap: version 3 should follow, but 4 does"
    );
    let LoadError::Gap {
        stream: at,
        expected,
        found,
    } = error
    else {
        panic!("{error:?}")
    };
    assert_eq!(
        (at, expected.get(), found.get()),
        (stream("counter-a"), 3, 4)
    );
    let error = app.dispatch(count("a", 1)).await.expect_err("3 is lost");
    assert_eq!(
        chain(&error),
        "the aggregate could not be loaded: stream counter-a has a gap: version 3 should follow, but 4 does"
    );
    assert_eq!(
        app.load::<Counter>("a")
            .at(StreamVersion::new(2))
            .await?
            .version
            .get(),
        2
    );
    Ok(())
}

#[tokio::test]
async fn an_event_that_cannot_stand_next_is_refused_before_it_is_stored() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Bank).await;
    app.dispatch(open("7")).await?;
    let error = app
        .dispatch(OpenAgain {
            account: account("7"),
        })
        .await
        .expect_err("it is open");
    assert_eq!(
        error.to_string(),
        "the handler gave `AccountOpened`, which cannot stand next in stream account-7"
    );
    let DispatchError::Misplaced { event_type, .. } = error else {
        panic!("{error:?}")
    };
    assert_eq!(event_type, "AccountOpened");
    let names = |stored: Vec<RecordedEvent>| {
        stored
            .iter()
            .map(|e| e.event_type().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(events(&store, "account-7").await), ["AccountOpened"]);
    app.dispatch(deposit("7", 5)).await?;
    assert_eq!(
        app.load::<Account>(&account("7"))
            .await?
            .state
            .map(|state| state.balance),
        Some(5)
    );
    Ok(())
}

#[tokio::test]
async fn a_store_that_fails_to_read_says_nothing_of_the_stream() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    store
        .read_faults
        .next([ReadFault::Failed, ReadFault::Unavailable]);
    let error = app.dispatch(count("a", 1)).await.expect_err("it fails");
    assert!(
        matches!(&error, DispatchError::ReadFailed { .. }) && !error.is_transient(),
        "{error:?}"
    );
    assert_eq!(
        chain(&error),
        "the aggregate's stream could not be read: the store failed to read: the disk is broken"
    );
    let error = app.dispatch(count("a", 1)).await.expect_err("it is away");
    assert!(
        matches!(&error, DispatchError::Unavailable { .. }) && error.is_transient(),
        "{error:?}"
    );
    assert_eq!(app.dispatch(count("a", 1)).await?.version.get(), 1);
    store
        .read_faults
        .next([ReadFault::Failed, ReadFault::Unavailable]);
    for transient in [false, true] {
        match app.load::<Counter>("a").await {
            Err(error @ LoadError::Read(_)) => assert_eq!(error.is_transient(), transient),
            other => panic!("{other:?}"),
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_key_that_names_no_stream_is_told_by_what_is_wrong_with_it() -> Outcome {
    let app = start(MemoryStore::new(), Counting).await;
    let long = "x".repeat(600);
    let cases = [
        ("", "the key names no stream: stream key is empty"),
        (
            &long,
            "the key names no stream: stream key has 600 bytes, at most 512 are allowed",
        ),
        (
            "a\0",
            "the key names no stream: stream key holds the control character U+0000 at byte 1",
        ),
    ];
    for (key, expected) in cases {
        match app.load::<Counter>(key).await {
            Err(error @ LoadError::InvalidKey { .. }) => {
                assert_eq!(chain(&error), expected);
                assert!(!error.is_transient());
            }
            other => panic!("{other:?}"),
        }
    }
    Ok(())
}
