//! Builds that outlive the app that began them, and that are made on one of several nodes.

use orchestrix::prelude::*;
use orchestrix::store::{EventStore, RebuildStore};
use orchestrix::subscription::ErrorPolicy;

use super::tally::{Events, TALLY, halted, tallying};
use crate::app::Outcome;
use crate::app::waiting::{LONG, caught_up};

async fn goes_on_after(events: Events, end: impl AsyncFnOnce(App) -> Outcome) -> Outcome {
    let store = MemoryStore::new();
    events.write(&store, 1..=100).await?;
    let app = tallying(store.clone(), ErrorPolicy::Stop).await?;
    caught_up(&app).await;
    let old = events.sums(&app).await?;
    events.correct();
    events.fail_at([65]);
    app.rebuild(TALLY).await?;
    assert_eq!(halted(&app).await?.get(), 64);
    end(app).await?;
    events.fail_at([]);
    events.folded();

    let app = tallying(store.clone(), ErrorPolicy::Stop).await?;
    let rebuild = app.rebuild(TALLY).await?;
    assert_eq!(rebuild.build(), 1, "it is the one that was begun");
    rebuild.switched(LONG).await?;
    assert_eq!(events.folded(), (65..=100).collect::<Vec<_>>());
    let new = old.map(|sum| sum.map(|sum| sum * 100));
    assert_eq!(events.sums(&app).await?, new);
    assert_eq!(store.read_model_build(TALLY).await?, 1);
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn a_build_goes_on_after_a_shutdown() -> Outcome {
    let end = async |app: App| Ok(app.shutdown().await?);
    goes_on_after(Events("shut_down"), end).await
}

#[tokio::test(start_paused = true)]
async fn a_build_goes_on_after_the_app_was_dropped() -> Outcome {
    let end = async |app: App| {
        drop(app);
        Ok(())
    };
    goes_on_after(Events("dropped"), end).await
}

#[tokio::test(start_paused = true)]
async fn one_of_two_nodes_builds_for_both_whichever_was_asked() -> Outcome {
    let (store, events) = (MemoryStore::new(), Events("two_nodes"));
    events.write(&store, 1..=100).await?;
    let apps = [
        tallying(store.clone(), ErrorPolicy::Stop).await?,
        tallying(store.clone(), ErrorPolicy::Stop).await?,
    ];
    let head = store.head().await?;
    for app in &apps {
        app.caught_up(head, LONG).await?;
    }
    events.folded();
    for (asked, other) in [(0, 1), (1, 0), (0, 1)] {
        let rebuild = apps[asked].rebuild(TALLY).await?;
        let same = apps[other].rebuild(TALLY).await?;
        assert_eq!(rebuild.build(), same.build());
        same.switched(LONG).await?;
        rebuild.switched(LONG).await?;
        assert_eq!(events.folded(), (1..=100).collect::<Vec<_>>(), "each once");
        for app in &apps {
            assert!(app.rebuilds().await?.is_empty());
            assert_eq!(events.sums(app).await?, [Some(2_550), Some(2_500)]);
        }
    }
    // Both go on with what came last.
    events.write(&store, [101]).await?;
    let head = store.head().await?;
    for app in &apps {
        app.caught_up(head, LONG).await?;
        assert_eq!(events.sums(app).await?, [Some(2_550), Some(2_601)]);
    }
    let [one, other] = apps;
    one.shutdown().await?;
    // The other builds by itself now.
    other.rebuild(TALLY).await?.switched(LONG).await?;
    assert_eq!(events.sums(&other).await?, [Some(2_550), Some(2_601)]);
    Ok(other.shutdown().await?)
}
