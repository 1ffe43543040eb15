//! Keys of commands: what is derived from them, and what becomes of them when the store fails. How they hold on every
//! store is shown by the workspace's tests.

use orchestrix::app::DispatchError;
use orchestrix::decision::DecisionError;
use orchestrix::prelude::*;
use orchestrix::store::{EventQuery, IdempotencyKey, StreamId};
use orchestrix::testkit::faults::AppendFault::{AnswerLost, NotSent};
use orchestrix::testkit::faults::{FaultStore, ReadCall, ReadFault};
use std::sync::Arc;

use super::counter::{Counted, Counter, Counting, LimitReached, count, count_each, limit};
use super::stored::{all, events};
use super::test_store::TestStore;
use super::{Outcome, start};

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).expect("a valid key")
}

/// Counts in two counters, one after the other.
#[derive(Command)]
#[command(no_id)]
struct CountBoth {
    by: u32,
}

struct Both;

#[module(aggregates(Counter))]
impl Both {
    #[handle]
    async fn count_both(
        &self,
        cmd: CountBoth,
        cx: &ModuleContext,
    ) -> Result<Vec<Receipt>, DispatchError<LimitReached>> {
        assert_eq!(cx.idempotency_key().is_some(), cmd.by < 10);
        let first = cx.dispatch(count("a", cmd.by)).await?;
        let own = cx.clone().dispatch(count("b", cmd.by)).await?;
        Ok(vec![first, own])
    }
}

#[tokio::test]
async fn what_a_module_dispatches_has_keys_of_its_own() -> Outcome {
    let store = MemoryStore::new();
    let app = start(store.clone(), Both).await;
    let both = || {
        app.dispatch(CountBoth { by: 4 })
            .idempotency_key(key("both"))
    };
    app.dispatch(limit("b", 3)).await?;
    let refused = both().await;
    assert!(matches!(refused, Err(DispatchError::Rejected(_))));
    app.dispatch(limit("b", 100)).await?;
    let first = both().await?;
    assert_eq!(both().await?, first);
    assert_eq!(
        events(&store, "counter-a").await.len(),
        1,
        "also by the refused one"
    );
    assert_eq!(events(&store, "counter-b").await.len(), 3);
    // They are those that are documented.
    let part = app.dispatch(count("b", 4)).idempotency_key(key("both/2"));
    assert_eq!(part.await?, first[1]);
    // Without a key each is new.
    for _ in 0..2 {
        app.dispatch(CountBoth { by: 10 }).await?;
    }
    assert_eq!(events(&store, "counter-a").await.len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_key_that_leaves_no_room_is_refused() -> Outcome {
    let store = MemoryStore::new();
    let app = start(store.clone(), Both).await;
    let long = key(&"k".repeat(255));
    let both = app.dispatch(CountBoth { by: 4 }).idempotency_key(long);
    let error = both.await.expect_err("there is no room for `/1`");
    match error.rejection() {
        Some(DispatchError::InvalidKey { command, .. }) => assert_eq!(*command, "Count"),
        other => panic!("{other:?}"),
    }
    assert!(all(&store).await.is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_found_by_the_key() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), Counting).await;
    app.dispatch(count("a", 1)).await?;
    // Sent again at once, it is known by its key, and was nobody else's: the state goes on from there.
    store.fail_next([AnswerLost]);
    let each = || {
        app.dispatch(count_each("a", &[2, 3]))
            .idempotency_key(key("each"))
    };
    let receipt = each().await?;
    assert_eq!((receipt.version.get(), receipt.events.len()), (3, 2));
    assert_eq!(each().await?, receipt);
    // All answers are lost: the store is asked for the outcome.
    store.fail_next([AnswerLost; 4]);
    let found = app
        .dispatch(count("a", 4))
        .idempotency_key(key("four"))
        .await?;
    assert_eq!(found.version.get(), 4);
    // Nothing ever came: that stays unknown, and the next one finds out.
    store.fail_next([NotSent; 4]);
    let five = || app.dispatch(count("a", 5)).idempotency_key(key("five"));
    let unknown = five().await;
    assert!(matches!(unknown, Err(DispatchError::Indeterminate { .. })));
    assert_eq!(five().await?.version.get(), 5);
    assert_eq!(five().await?.version.get(), 5);
    let total = app
        .load::<Counter>("a")
        .await?
        .state
        .map(|counter| counter.total);
    assert_eq!(total, Some(15));
    Ok(())
}

#[tokio::test]
async fn a_refusal_is_not_told_where_the_store_does_not_say_whether_it_is_one() -> Outcome {
    let store = MemoryStore::new();
    let faults = FaultStore::over(Arc::new(store.clone()));
    let app = Orchestrix::builder().isolated().store(store.clone());
    let app = app
        .events(Arc::new(faults.clone()))
        .module(Counting)
        .start()
        .await?;
    app.dispatch(limit("a", 5)).await?;
    let five = || app.dispatch(count("a", 5)).idempotency_key(key("five"));
    let first = five().await?;
    faults.next_reads(ReadCall::Outcome, [Some(ReadFault::Unavailable)]);
    let outcome = five().await;
    assert!(
        matches!(outcome, Err(DispatchError::Unavailable { .. })),
        "{outcome:?}"
    );
    faults.next_reads(ReadCall::Outcome, [Some(ReadFault::Failed)]);
    let outcome = five().await;
    assert!(
        matches!(outcome, Err(DispatchError::ReadFailed { .. })),
        "{outcome:?}"
    );
    assert_eq!(five().await?, first);
    // The key is known, but not what it was, also when it is looked for a second time: it was done.
    app.dispatch(limit("a", 50)).await?;
    faults.next_reads(ReadCall::Stream, [Some(ReadFault::Unavailable); 2]);
    let outcome = five().await;
    assert!(
        matches!(outcome, Err(DispatchError::Indeterminate { .. })),
        "{outcome:?}"
    );
    assert_eq!(five().await?, first);
    Ok(())
}

/// What was counted in all.
#[derive(Default)]
struct Sum(u32);

impl DecisionModel for Sum {
    type Event = Counted;

    fn apply(&mut self, event: &Counted) {
        self.0 += event.by;
    }
}

#[tokio::test]
async fn a_decision_that_comes_again_gets_its_first_receipt() -> Outcome {
    let store = MemoryStore::new();
    let app = start(store.clone(), Counting).await;
    let stream = StreamId::new("counter", "a")?;
    let decide = |stream: &StreamId, most: u32| {
        let decide = app.decide::<Sum>(EventQuery::all());
        let decide = decide.stream(stream.clone()).idempotency_key(key("once"));
        decide.with(move |sum, _| match sum.0 {
            total if total > most => Err(LimitReached { total }),
            total if total == most => Ok(None),
            _ => Ok(Some(Counted {
                counter: "a".to_owned(),
                by: 5,
            })),
        })
    };
    let first = decide(&stream, 100).await?;
    for most in [100, 5, 0] {
        let again = decide(&stream, most).await?;
        assert_eq!(
            (&again.written, &again.events),
            (&first.written, &first.events),
            "{most}"
        );
        assert_eq!(again.position, first.position);
    }
    assert_eq!(events(&store, "counter-a").await.len(), 1);
    let elsewhere = StreamId::new("counter", "b")?;
    for most in [100, 0] {
        match decide(&elsewhere, most).await {
            Err(DecisionError::KeyReused { key: told, used }) => {
                assert_eq!((told, used), (key("once"), stream.clone()));
            }
            outcome => panic!("{outcome:?}"),
        }
    }
    Ok(())
}
