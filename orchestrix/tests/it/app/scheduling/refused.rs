//! What cannot be scheduled.

use std::sync::Arc;

use orchestrix::prelude::*;
use orchestrix::schedule::{MAX_SCHEDULED_BYTES, ScheduleError};
use orchestrix::store::ScheduleStoreError;
use orchestrix::testkit::VirtualClock;

use super::away::Away;
use super::{Books, MINUTE, Secret, Tear, id, note, start, texts, until};
use crate::app::Outcome;
use crate::app::test_store::TestStore;

#[tokio::test]
async fn what_cannot_be_scheduled_is_refused() -> Outcome {
    let (store, clock) = (TestStore::new(), VirtualClock::default());
    let app = start(&store, &clock, Books).await;
    let long = "x".repeat(MAX_SCHEDULED_BYTES);
    match app.schedule(note("a", &long), MINUTE).await {
        Err(ScheduleError::TooLarge {
            command,
            bytes,
            limit,
        }) => {
            assert_eq!((command, limit), ("Note", MAX_SCHEDULED_BYTES));
            assert!(bytes > limit);
        }
        outcome => panic!("{outcome:?}"),
    }
    let secret = Secret {
        book: "a".to_owned(),
    };
    let outcome = app.schedule(secret, MINUTE).await;
    assert!(matches!(
        outcome,
        Err(ScheduleError::Encode {
            command: "Secret",
            ..
        })
    ));
    app.dispatch(Tear {
        book: "a".to_owned(),
    })
    .await?;
    assert!(app.scheduled().await?.is_empty());
    app.shutdown().await?;
    let outcome = app.schedule(note("a", "late"), MINUTE).await;
    assert!(matches!(outcome, Err(ScheduleError::ShuttingDown)));

    let mut config = orchestrix::app::Config::new();
    config.require_tenant = true;
    let bare = Orchestrix::builder().isolated().store(store.clone());
    let bare = bare.clock(clock.clone()).config(config).start().await?;
    let outcome = bare.schedule(note("a", "hello"), MINUTE).await;
    assert!(matches!(
        outcome,
        Err(ScheduleError::NotRegistered { command: "Note" })
    ));
    assert!(matches!(
        bare.scheduled().await,
        Err(ScheduleError::TenantRequired(_))
    ));
    let cancelled = bare.cancel_scheduled(&id("a")).await;
    assert!(matches!(cancelled, Err(ScheduleError::TenantRequired(_))));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_answer_is_not_waited_for() -> Outcome {
    let (store, clock) = (TestStore::new(), VirtualClock::default());
    let away = Arc::new(Away::over(store.memory.clone()));
    let app = Orchestrix::builder().isolated().store(store.clone());
    let app = app
        .schedules(away.clone())
        .clock(clock.clone())
        .module(Books);
    let app = app.start().await?;
    away.be_silent(true);
    let timeouts = [
        app.schedule(note("a", "hello"), MINUTE).await.map(drop),
        app.cancel_scheduled(&id("a")).await.map(drop),
        app.scheduled().await.map(drop),
    ];
    for outcome in timeouts {
        match outcome {
            Err(error @ ScheduleError::Timeout { .. }) => assert!(error.is_transient()),
            outcome => panic!("{outcome:?}"),
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_store_that_comes_back_is_looked_at_again() -> Outcome {
    let (store, clock) = (TestStore::new(), VirtualClock::default());
    let away = Arc::new(Away::over(store.memory.clone()));
    let app = Orchestrix::builder().isolated().store(store.clone());
    let app = app
        .schedules(away.clone())
        .clock(clock.clone())
        .module(Books);
    let app = app.start().await?;
    app.schedule(note("a", "hello"), MINUTE).await?;
    away.be_away(true);
    let outcome = app.schedule(note("b", "hello"), MINUTE).await;
    match outcome {
        Err(ScheduleError::Store(error @ ScheduleStoreError::Unavailable { .. })) => {
            assert!(error.is_transient());
        }
        outcome => panic!("{outcome:?}"),
    }
    clock.advance(MINUTE);
    let status = until(&app, "it is told", |status| status.store_error.is_some()).await;
    assert_eq!(status.fired, 0);
    away.be_away(false);
    let status = until(&app, "it is done", |status| status.fired == 1).await;
    assert!(status.store_error.is_none());
    assert_eq!(texts(&store, "a").await, ["hello"]);
    Ok(())
}
