//! Read models while something is wrong.

use std::sync::atomic::Ordering::SeqCst;

use orchestrix::prelude::*;
use orchestrix::store::{CheckpointStore, GlobalPosition, ReadModelStore};
use orchestrix::subscription::SubscriptionState;
use orchestrix::telemetry;
use serde_json::json;

use super::account::{Bank, OpenAccounts, account, deposit, open};
use super::counter::{CountingWithTotals, Total, count};
use super::recorder::Recorder;
use super::stored::{event, write};
use super::test_store::{CommitFault, TestStore};
use super::waiting::{caught_up, eventually, reaches, retrying, status};
use super::{Outcome, start};

#[tokio::test(start_paused = true)]
async fn an_undecodable_event_stops_its_read_model_behind_all_earlier_ones() -> Outcome {
    let store = MemoryStore::new();
    let good = |by: u32| event("Counted", 1, json!({ "counter": "a", "by": by }));
    let bad = event("Counted", 1, json!({ "counter": "a", "by": "many" }));
    write(&store, "counter-a", vec![good(1), good(2), bad, good(4)]).await?;
    let app = Orchestrix::builder().isolated().store(store.clone());
    let app = app.module(CountingWithTotals).module(Bank).start().await?;
    let (at, error) = retrying(&app, "total@1").await;
    assert_eq!(at.position.get(), 2);
    assert!(
        error.starts_with(
            "event `Counted` at position 3 (stream counter-a, version 3) could not be consumed: the payload of event \
             `Counted` (stored with schema version 1) does not fit its type: "
        ),
        "{error}"
    );
    assert_eq!(
        app.view::<Total>("a").await?,
        Some(Total { sum: 3, events: 2 })
    );
    assert_eq!(store.read_model_checkpoint("total@1").await?.get(), 2);
    // The others go on.
    app.dispatch(open("7")).await?;
    let receipt = app.dispatch(deposit("7", 5)).await?;
    let accounts = app
        .view::<OpenAccounts>(&account("7"))
        .at_least(receipt.position)
        .await?;
    assert_eq!(accounts, Some(OpenAccounts { balance: 5 }));
    eventually("it tries again and again", || {
        matches!(status(&app, "total@1").state, SubscriptionState::Retrying { failures, .. } if failures > 5)
    })
    .await;
    assert_eq!(status(&app, "total@1").position.get(), 2);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_fold_that_fails_names_the_event_and_the_document() -> Outcome {
    let store = MemoryStore::new();
    let opened = event(
        "AccountOpened",
        1,
        json!({ "account": "7", "owner": "ada" }),
    );
    let deposited = |to: &str| event("Deposited", 1, json!({ "account": to, "pence": 5 }));
    write(
        &store,
        "account-7",
        vec![opened.clone(), deposited("7"), deposited("8")],
    )
    .await?;
    let app = start(store.clone(), Bank).await;
    let (at, error) = retrying(&app, "open_accounts@1").await;
    assert_eq!(at.position.get(), 2);
    assert_eq!(
        error,
        "event `Deposited` at position 3 (stream account-7, version 3) could not be consumed: there is no document \
         `8`: no earlier event has begun it"
    );
    assert_eq!(
        app.view::<OpenAccounts>("7").await?,
        Some(OpenAccounts { balance: 5 })
    );
    assert_eq!(app.view::<OpenAccounts>("8").await?, None);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn after_the_fault_it_goes_on_by_itself() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), CountingWithTotals).await;
    caught_up(&app).await;
    store.unreadable.store(true, SeqCst);
    app.dispatch(count("a", 1)).await?;
    let (_, error) = retrying(&app, "total@1").await;
    assert_eq!(error, "the store is unavailable: the database is away");
    store.unreadable.store(false, SeqCst);
    caught_up(&app).await;
    assert_eq!(
        app.view::<Total>("a").await?,
        Some(Total { sum: 1, events: 1 })
    );
    assert!(matches!(
        status(&app, "total@1").state,
        SubscriptionState::Live
    ));
    Ok(())
}

/// Whether a crash comes before or after a commit: documents and checkpoint are of one moment, each event counts once.
#[tokio::test(start_paused = true)]
async fn documents_and_checkpoint_move_together() -> Outcome {
    for fault in [CommitFault::Failed, CommitFault::AnswerLost] {
        let store = TestStore::new();
        let app = start(store.clone(), CountingWithTotals).await;
        for n in 1..=10 {
            store.commit_faults.next([fault]);
            let commits = store.calls.commit.load(SeqCst);
            let receipt = app.dispatch(count("a", 1)).await?;
            eventually("the commit was tried", || {
                store.calls.commit.load(SeqCst) > commits
            })
            .await;
            let checkpoint = store.memory.read_model_checkpoint("total@1").await?;
            let keys = ["a".to_owned()];
            let found = store
                .memory
                .documents("total@1", &TenantId::default(), &keys)
                .await?;
            let events = match found.first() {
                Some(document) => document.body.read::<Total>()?.events,
                None => 0,
            };
            let stored = matches!(fault, CommitFault::AnswerLost) as u64;
            assert_eq!(
                (u64::from(events), checkpoint.get()),
                (n - 1 + stored, n - 1 + stored),
                "{fault:?}"
            );
            reaches(&app, "total@1", receipt.position).await;
        }
        assert_eq!(
            app.view::<Total>("a").await?,
            Some(Total {
                sum: 10,
                events: 10
            }),
            "{fault:?}"
        );
    }
    Ok(())
}

/// An app that died within a commit is another app's beginning.
#[tokio::test(start_paused = true)]
async fn a_crash_in_a_commit_counts_nothing_twice_or_never() -> Outcome {
    for fault in [CommitFault::Failed, CommitFault::AnswerLost] {
        let store = TestStore::new();
        let app = start(store.clone(), CountingWithTotals).await;
        caught_up(&app).await;
        store.commit_faults.always(fault);
        app.dispatch(count("a", 1)).await?;
        eventually("the commit was tried", || {
            store.calls.commit.load(SeqCst) > 0
        })
        .await;
        drop(app);
        let next = start(store.beside(), CountingWithTotals).await;
        next.dispatch(count("a", 1)).await?;
        caught_up(&next).await;
        assert_eq!(
            next.view::<Total>("a").await?,
            Some(Total { sum: 2, events: 2 }),
            "{fault:?}"
        );
    }
    Ok(())
}

/// What was read over without a match stays read when the next event cannot be consumed.
#[tokio::test(start_paused = true)]
async fn a_failing_event_does_not_move_its_subscription_back() -> Outcome {
    let (recorder, _guard) = Recorder::here();
    let store = MemoryStore::new();
    let app = Orchestrix::builder().isolated().store(store.clone());
    let app = app.module(CountingWithTotals).module(Bank).start().await?;
    app.dispatch(open("7")).await?;
    let unmatched = app.dispatch(deposit("7", 5)).await?.position;
    reaches(&app, "total@1", unmatched).await;
    write(&store, "counter-a", vec![event("Counted", 1, json!({}))]).await?;
    let (at, _) = retrying(&app, "total@1").await;
    assert_eq!(at.position, unmatched);
    let reads = || {
        let mut reads = recorder.spans(telemetry::SUBSCRIPTION_READ);
        reads.retain(|read| read.field(telemetry::SUBSCRIPTION) == Some("total@1"));
        reads
    };
    let earlier = reads().len();
    eventually("it reads again", || reads().len() > earlier + 3).await;
    let from = reads()[earlier..]
        .iter()
        .map(|read| read.field(telemetry::POSITION).map(str::to_owned))
        .collect::<Vec<_>>();
    assert!(
        from.iter().all(|from| *from == Some(unmatched.to_string())),
        "{from:?}"
    );
    assert_eq!(
        store.load_checkpoint("total@1").await?,
        GlobalPosition::START
    );
    Ok(())
}

#[tokio::test]
async fn a_stored_document_that_does_not_fit_is_told() -> Outcome {
    let store = MemoryStore::new();
    let app = start(store.clone(), CountingWithTotals).await;
    let checkpoint = store.read_model_checkpoint("total@1").await?;
    let commit = orchestrix::store::ReadModelCommit {
        progress: Vec::new(),
        checkpoint: orchestrix::store::CheckpointMove::new("total@1", checkpoint, checkpoint),
        collection: "total@1".to_owned(),
        indexes: Vec::new(),
        writes: vec![orchestrix::store::DocumentWrite {
            tenant: TenantId::default(),
            key: "a".to_owned(),
            body: Some(orchestrix::store::Payload::of(&json!({ "sum": "much" }))?),
            index_values: Vec::new(),
        }],
    };
    store.commit(commit).await?;
    let error = app.view::<Total>("a").await.expect_err("it does not fit");
    assert_eq!(
        error.to_string(),
        "document `a` of read model `total@1` does not fit its type: has it changed without a new `version`?"
    );
    assert!(app.views::<Total>().await.is_err());
    Ok(())
}
