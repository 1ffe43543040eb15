//! Asking for a read model to be built anew.

use std::time::Duration;

use orchestrix::app::RebuildError;
use orchestrix::prelude::*;
use orchestrix::store::{ReadModelError, ReadModelStore, Rebuild, RebuildStore, TenantId};
use orchestrix::subscription::ErrorPolicy;

use super::tally::{Events, TALLY, tallying};
use crate::app::Outcome;
use crate::app::waiting::{LONG, caught_up};

#[tokio::test(start_paused = true)]
async fn only_projections_of_the_app_are_built_anew() -> Outcome {
    let app = tallying(MemoryStore::new(), ErrorPolicy::Stop).await?;
    let unknown = app.rebuild("tally@2").await.map(|_| ());
    let cancelled = app.cancel_rebuild("tally@2").await;
    for refused in [unknown, cancelled] {
        assert!(
            matches!(refused, Err(RebuildError::Unknown(_))),
            "{refused:?}"
        );
    }
    let handler = app.rebuild("tallies.listen").await.map(|_| ());
    let cancelled = app.cancel_rebuild("tallies.listen").await;
    for refused in [handler, cancelled] {
        let Err(error @ RebuildError::NoProjection { .. }) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(
            error.to_string(),
            "subscription `tallies.listen` is no projection, and has nothing to build anew"
        );
    }
    assert!(app.rebuilds().await?.is_empty());
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn where_there_is_nothing_to_fold_it_is_done_at_once() -> Outcome {
    let (store, events) = (MemoryStore::new(), Events("nothing"));
    let app = tallying(store.clone(), ErrorPolicy::Stop).await?;
    let rebuild = app.rebuild(TALLY).await?;
    assert_eq!(rebuild.build(), 1);
    rebuild.switched(LONG).await?;
    // It is done, whoever asks, and however often.
    rebuild.switched(Duration::ZERO).await?;
    assert!(app.rebuilds().await?.is_empty());
    events.write(&store, [1, 2]).await?;
    caught_up(&app).await;
    assert_eq!(events.sums(&app).await?, [Some(2), Some(1)]);
    assert_eq!(store.read_model_build(TALLY).await?, 1);
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn what_is_read_is_of_the_old_code_until_all_of_it_is_of_the_new() -> Outcome {
    let (store, events) = (MemoryStore::new(), Events("asking"));
    events.write(&store, 1..=100).await?;
    let app = tallying(store.clone(), ErrorPolicy::Stop).await?;
    caught_up(&app).await;
    assert_eq!(events.sums(&app).await?, [Some(2_550), Some(2_500)]);
    events.correct();
    let rebuild = app.rebuild(TALLY).await?;
    assert_eq!(events.sums(&app).await?, [Some(2_550), Some(2_500)]);
    let under_way = app.rebuilds().await?;
    assert_eq!(under_way.len(), 1);
    assert_eq!(
        (&*under_way[0].subscription, under_way[0].build),
        (TALLY, 1)
    );
    assert_eq!(app.rebuild(TALLY).await?.build(), 1);
    rebuild.switched(LONG).await?;
    assert_eq!(events.sums(&app).await?, [Some(255_000), Some(250_000)]);
    events.write(&store, [101]).await?;
    caught_up(&app).await;
    assert_eq!(events.sums(&app).await?, [Some(255_000), Some(260_100)]);
    assert_eq!(app.rebuild(TALLY).await?.build(), 2);
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn the_old_documents_are_deleted() -> Outcome {
    let (store, events) = (MemoryStore::new(), Events("deleting"));
    events.write(&store, 1..=10).await?;
    let app = tallying(store.clone(), ErrorPolicy::Stop).await?;
    caught_up(&app).await;
    for _ in 0..3 {
        app.rebuild(TALLY).await?.switched(LONG).await?;
    }
    let mut left = store.upkeep().await?.dropped;
    tokio::time::timeout(LONG, async {
        while !left.is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
            left = store.upkeep().await?.dropped;
        }
        Ok::<_, ReadModelError>(())
    })
    .await??;
    let tenant = TenantId::default();
    assert_eq!(store.scan(TALLY, &tenant, None, 10).await?.len(), 2);
    app.shutdown().await?;
    // What is left of the old ones would be read under their names.
    for build in [1, 2] {
        let name = Rebuild::collection(TALLY, build);
        assert!(store.scan(&name, &tenant, None, 10).await?.is_empty());
    }
    Ok(())
}
