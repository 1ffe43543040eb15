//! Reading read models, one's own writes included.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use orchestrix::app::{Config, ViewError};
use orchestrix::error::chain;
use orchestrix::prelude::*;
use orchestrix::store::GlobalPosition;
use orchestrix::subscription::SubscriptionState;
use tokio::time::Instant;

use super::account::OpenAccounts;
use super::counter::{CountingWithTotals, Total, count};
use super::stored::{event, write};
use super::test_store::{CommitFault, TestStore};
use super::waiting::{caught_up, retrying};
use super::{Outcome, start};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_sees_ones_own_write_every_time() -> Outcome {
    let app = start(MemoryStore::new(), CountingWithTotals).await;
    for n in 1..=1_000 {
        let receipt = app.dispatch(count("a", 2)).await?;
        let total = app.view::<Total>("a").at_least(receipt.position).await?;
        assert_eq!(
            total,
            Some(Total {
                sum: 2 * n,
                events: n
            })
        );
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_read_model_that_is_stuck_is_told_to_be_behind() -> Outcome {
    let store = TestStore::new();
    let app = start(store.clone(), CountingWithTotals).await;
    app.dispatch(count("a", 1)).await?;
    caught_up(&app).await;
    store.commit_faults.always(CommitFault::Failed);
    let receipt = app.dispatch(count("a", 1)).await?;
    let (_, told) = retrying(&app, "total@1").await;
    let began = Instant::now();
    let waiting = app
        .view::<Total>("a")
        .at_least(receipt.position)
        .within(Duration::from_secs(2));
    match waiting.await {
        Err(ViewError::Behind {
            subscription,
            wanted,
            reached,
            limit,
            state,
        }) => {
            assert_eq!(subscription, "total@1");
            assert_eq!((wanted.get(), reached.get()), (2, 1));
            assert_eq!(
                (limit, began.elapsed()),
                (Duration::from_secs(2), Duration::from_secs(2))
            );
            let SubscriptionState::Retrying { error, .. } = state else {
                panic!("{state:?}")
            };
            assert_eq!(chain(&*error), told);
            assert!(told.contains("the disk is full"), "{told}");
        }
        other => panic!("{other:?}"),
    }
    match app
        .caught_up(receipt.position, Duration::from_secs(4))
        .await
    {
        Err(ViewError::Behind { limit, .. }) => assert_eq!(limit, Duration::from_secs(4)),
        other => panic!("{other:?}"),
    }
    // Who does not ask for freshness gets what there is.
    assert_eq!(
        app.view::<Total>("a").await?,
        Some(Total { sum: 1, events: 1 })
    );
    store.commit_faults.none();
    let total = app.view::<Total>("a").at_least(receipt.position).await?;
    assert_eq!(total, Some(Total { sum: 2, events: 2 }));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_apps_limit_holds_where_a_query_has_none_of_its_own() -> Outcome {
    let store = TestStore::new();
    let mut config = Config::new();
    config.view_timeout = Duration::from_millis(700);
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let app = builder
        .module(CountingWithTotals)
        .config(config)
        .start()
        .await?;
    let began = Instant::now();
    let never = app.views::<Total>().at_least(GlobalPosition::new(5)).await;
    assert!(matches!(never, Err(ViewError::Behind { .. })), "{never:?}");
    assert_eq!(began.elapsed(), Duration::from_millis(700));
    Ok(())
}

#[tokio::test]
async fn a_read_model_of_no_module_is_told_so() -> Outcome {
    let app = start(MemoryStore::new(), CountingWithTotals).await;
    let error = app
        .view::<OpenAccounts>("7")
        .await
        .expect_err("the bank is not there");
    assert_eq!(
        error.to_string(),
        "read model `open_accounts@1` is in no module of this app"
    );
    let error = app
        .views::<OpenAccounts>()
        .await
        .expect_err("the bank is not there");
    assert!(matches!(error, ViewError::NotRegistered { .. }));
    Ok(())
}

#[tokio::test]
async fn a_document_that_is_not_there_is_none() -> Outcome {
    let app = start(MemoryStore::new(), CountingWithTotals).await;
    assert_eq!(app.view::<Total>("nobody").await?, None);
    assert_eq!(app.views::<Total>().await?, []);
    Ok(())
}

#[tokio::test]
async fn documents_are_paged_by_key() -> Outcome {
    let store = MemoryStore::new();
    let counted = |n: u32| {
        event(
            "Counted",
            1,
            serde_json::json!({ "counter": format!("c{n:04}"), "by": n }),
        )
    };
    for n in (0..2_500).step_by(500) {
        write(
            &store,
            "counter-import",
            (n..n + 500).map(counted).collect(),
        )
        .await?;
    }
    let app = start(store, CountingWithTotals).await;
    caught_up(&app).await;
    let all = app.views::<Total>().await?;
    assert_eq!(all.len(), 2_500);
    assert!(all.is_sorted_by(|(a, _), (b, _)| a < b));
    let mut pages = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let query = app.views::<Total>().limit(700);
        let page = match after.take() {
            Some(key) => query.after(key).await?,
            None => query.await?,
        };
        after = page.last().map(|(key, _)| key.clone());
        pages.push(page.len());
        if after.is_none() {
            break;
        }
    }
    assert_eq!(pages, [700, 700, 700, 400, 0]);
    let two = app.views::<Total>().after("c1204").limit(2).await?;
    assert_eq!(
        two.iter()
            .map(|(key, total)| (key.as_str(), total.sum))
            .collect::<Vec<_>>(),
        [("c1205", 1205), ("c1206", 1206)]
    );
    assert_eq!(app.views::<Total>().limit(0).await?, []);
    assert_eq!(app.views::<Total>().limit(1_500).await?.len(), 1_500);
    Ok(())
}

#[tokio::test]
async fn tenants_have_documents_of_their_own() -> Outcome {
    let app = start(MemoryStore::new(), CountingWithTotals).await;
    let (red, blue) = (TenantId::new("red")?, TenantId::new("blue")?);
    app.dispatch(count("a", 1)).tenant(red.clone()).await?;
    app.dispatch(count("a", 10)).tenant(blue.clone()).await?;
    let last = app.dispatch(count("b", 100)).tenant(blue.clone()).await?;
    let keys = async |tenant: TenantId| {
        let found = app
            .views::<Total>()
            .tenant(tenant)
            .at_least(last.position)
            .await;
        found.map(|all| {
            all.into_iter()
                .map(|(key, total)| (key, total.sum))
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(keys(red.clone()).await?, [("a".to_owned(), 1)]);
    assert_eq!(
        keys(blue.clone()).await?,
        [("a".to_owned(), 10), ("b".to_owned(), 100)]
    );
    assert_eq!(keys(TenantId::default()).await?, []);
    assert_eq!(app.view::<Total>("b").tenant(red).await?, None);
    assert_eq!(
        app.view::<Total>("b")
            .tenant(blue)
            .await?
            .map(|total| total.sum),
        Some(100)
    );
    Ok(())
}

#[tokio::test]
async fn many_events_are_one_commit() -> Outcome {
    let store = TestStore::new();
    let counted = |n: u32| event("Counted", 1, serde_json::json!({ "counter": "a", "by": n }));
    write(&store.memory, "counter-a", (0..900).map(counted).collect()).await?;
    let app = start(store.clone(), CountingWithTotals).await;
    caught_up(&app).await;
    assert_eq!(store.calls.commit.load(SeqCst), 1);
    assert_eq!(
        app.view::<Total>("a").await?.map(|total| total.events),
        Some(900)
    );
    Ok(())
}
