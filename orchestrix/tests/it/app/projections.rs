//! Read models while all goes well.

use orchestrix::prelude::*;
use orchestrix::store::RecordedEvent;
use tokio::task::JoinSet;

use super::account::{Bank, OpenAccounts, account, close, deposit, open};
use super::counter::{Counted, Counter, CountingWithTotals, Total, count};
use super::test_store::TestStore;
use super::waiting::{LONG, caught_up, status};
use super::{Outcome, start};

#[tokio::test]
async fn documents_begin_change_and_end() -> Outcome {
    let app = start(MemoryStore::new(), Bank).await;
    app.dispatch(open("7")).await?;
    app.dispatch(deposit("7", 5)).await?;
    let receipt = app.dispatch(deposit("7", 6)).await?;
    let view = |position| app.view::<OpenAccounts>(&account("7")).at_least(position);
    assert_eq!(
        view(receipt.position).await?,
        Some(OpenAccounts { balance: 11 })
    );
    let receipt = app.dispatch(close("7")).await?;
    assert_eq!(view(receipt.position).await?, None);
    assert_eq!(app.views::<OpenAccounts>().await?, []);
    Ok(())
}

#[tokio::test]
async fn a_document_that_begins_and_ends_within_one_page_leaves_nothing() -> Outcome {
    let store = MemoryStore::new();
    let writer = start(store.clone(), Bank).await;
    for id in ["1", "2", "3"] {
        writer.dispatch(open(id)).await?;
        writer.dispatch(deposit(id, 5)).await?;
    }
    writer.dispatch(close("2")).await?;
    writer.shutdown().await?;
    // All of it is one page for an app that has not seen it.
    let fresh = copy_of(&store).await?;
    let app = start(fresh, Bank).await;
    caught_up(&app).await;
    let keys: Vec<_> = app
        .views::<OpenAccounts>()
        .await?
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    assert_eq!(keys, ["1", "3"]);
    Ok(())
}

/// The same events in a store with no read models.
async fn copy_of(store: &MemoryStore) -> Result<MemoryStore, Box<dyn std::error::Error>> {
    let fresh = MemoryStore::new();
    for RecordedEvent { stream, data, .. } in super::stored::all(store).await {
        super::stored::write(&fresh, stream.name(), vec![data]).await?;
    }
    Ok(fresh)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_apps_on_one_store_fold_each_event_once() -> Outcome {
    let store = TestStore::new();
    let apps = [
        start(store.clone(), CountingWithTotals).await,
        start(store.beside(), CountingWithTotals).await,
    ];
    let mut tasks = JoinSet::new();
    for app in &apps {
        for n in 0..4 {
            let app = app.clone();
            tasks.spawn(async move {
                for _ in 0..100 {
                    app.dispatch(count(&format!("c{n}"), 1))
                        .await
                        .expect("it is counted");
                }
            });
        }
    }
    while let Some(finished) = tasks.join_next().await {
        finished?;
    }
    for app in &apps {
        caught_up(app).await;
        for n in 0..4 {
            let total = app.view::<Total>(&format!("c{n}")).await?;
            assert_eq!(
                total,
                Some(Total {
                    sum: 200,
                    events: 200
                })
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_app_goes_on_where_another_stopped() -> Outcome {
    let store = TestStore::new();
    let first = start(store.clone(), CountingWithTotals).await;
    first.dispatch(count("a", 1)).await?;
    caught_up(&first).await;
    first.shutdown().await?;
    let second = start(store.clone(), CountingWithTotals).await;
    second.dispatch(count("a", 1)).await?;
    caught_up(&second).await;
    assert_eq!(
        second.view::<Total>("a").await?,
        Some(Total { sum: 2, events: 2 })
    );
    let commits = store.calls.commit.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(commits, 2, "nothing was folded again");
    Ok(())
}

/// The same fold with another version: it is built anew, beside the old one.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct TotalAgain {
    pub(crate) sum: u32,
    pub(crate) events: u32,
}

#[projection(name = "total", version = 2, key = counter)]
impl TotalAgain {
    #[apply]
    fn counted(&mut self, event: &Counted) {
        self.sum += event.by;
        self.events += 1;
    }
}

#[module(name = "counting", aggregates(Counter), projections(TotalAgain))]
pub(crate) struct CountingAgain;

#[tokio::test]
async fn a_rebuilt_read_model_equals_the_one_that_ran_live() -> Outcome {
    let store = MemoryStore::new();
    let live = start(store.clone(), CountingWithTotals).await;
    for n in 0..300_u32 {
        live.dispatch(count(&format!("c{}", n % 7), n)).await?;
        if n % 50 == 0 {
            caught_up(&live).await;
        }
    }
    caught_up(&live).await;
    let rebuilt = start(store.clone(), CountingAgain).await;
    caught_up(&rebuilt).await;
    let ran: Vec<_> = live
        .views::<Total>()
        .await?
        .into_iter()
        .map(|(k, t)| (k, t.sum, t.events))
        .collect();
    let built: Vec<_> = rebuilt
        .views::<TotalAgain>()
        .await?
        .into_iter()
        .map(|(k, t)| (k, t.sum, t.events))
        .collect();
    assert_eq!(ran.len(), 7);
    assert_eq!(ran, built);
    assert_eq!(
        status(&rebuilt, "total@2").position,
        status(&live, "total@1").position
    );
    Ok(())
}

#[tokio::test]
async fn subscriptions_are_listed_with_their_place() -> Outcome {
    let app = Orchestrix::builder().isolated().store(MemoryStore::new());
    let app = app.module(Bank).module(CountingWithTotals).start().await?;
    let receipt = app.dispatch(count("a", 1)).await?;
    app.caught_up(receipt.position, LONG).await?;
    let all = app.subscriptions();
    let names: Vec<_> = all.iter().map(|status| status.name.as_str()).collect();
    assert_eq!(names, ["open_accounts@1", "total@1"]);
    assert!(
        all.iter().all(|status| status.position == receipt.position),
        "{all:?}"
    );
    Ok(())
}
