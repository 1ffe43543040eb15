//! Events that fail: what they wrote goes, what came before stays, and their delivery decides.

use std::sync::Arc;
use std::time::Duration;

use orchestrix::app::RebuildError;
use orchestrix::error::{BoxError, chain};
use orchestrix::prelude::*;
use orchestrix::store::{Backend, DeadLetterSelection};
use orchestrix::subscription::{
    ConsumeError, Delivery, FailureKind, RetryPolicy, SubscriptionState,
};
use orchestrix_sqlite::SqliteStore;

use super::shelf::{
    Outcome, PATIENCE, SHELF, checkpoint, cure, fail, parking, sell, shelf, shop, until_state,
};
use crate::fixture::Place;

/// What it halted at.
async fn halted(app: &App) -> Result<Arc<ConsumeError>, BoxError> {
    let halts = |state: &SubscriptionState| matches!(state, SubscriptionState::Halted { .. });
    match until_state(app, SHELF, halts).await? {
        SubscriptionState::Halted { error } => Ok(error),
        other => Err(format!("{other:?}").into()),
    }
}

/// Waits until it is tried again after such a failure.
async fn retried(app: &App, after: impl Fn(&Arc<ConsumeError>) -> bool) -> Outcome {
    let told = until_state(app, SHELF, |state| match state {
        SubscriptionState::Retrying { error, .. } => after(error),
        _ => false,
    });
    told.await.map(drop)
}

fn stopping() -> Delivery {
    let mut delivery = Delivery::default();
    delivery.retry = RetryPolicy::none();
    delivery
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_event_leaves_nothing_and_those_before_it_stay() -> Outcome {
    let place = Place::new();
    let store = place.open().await;
    fail("Persuasion");
    let end = sell(
        &store,
        [("Emma", 1), ("Emma", 2), ("Persuasion", 7), ("Emma", 4)],
    )
    .await?;
    let app = shop(store, stopping()).await?;
    let error = halted(&app).await?;
    assert!(chain(&*error).contains("out of print"), "{error:?}");
    assert_eq!(shelf(&place)?, (vec![("Emma".to_owned(), 3)], 2));
    assert_eq!(checkpoint(&place)?, 2);

    // It is delivered again, and all goes on.
    cure("Persuasion");
    app.resume_subscription(SHELF)?;
    app.caught_up(end, PATIENCE).await?;
    let sold = vec![("Emma".to_owned(), 7), ("Persuasion".to_owned(), 7)];
    assert_eq!(shelf(&place)?, (sold, 4));
    assert_eq!(checkpoint(&place)?, 4);
    Ok(app.shutdown().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_comes_back_with_its_effect() -> Outcome {
    let place = Place::new();
    let store = place.open().await;
    fail("Lady Susan");
    let end = sell(
        &store,
        [
            ("Emma", 1),
            ("Lady Susan", 5),
            ("Lady Susan", 6),
            ("Emma", 2),
        ],
    )
    .await?;
    let app = shop(store, parking()).await?;
    app.caught_up(end, PATIENCE).await?;
    assert_eq!(shelf(&place)?, (vec![("Emma".to_owned(), 3)], 2));
    let letters = app.dead_letters(SHELF)?;
    assert_eq!(letters.count().await?, 2);

    // Tried in a transaction that is rolled back.
    let runs = letters.dry_run(DeadLetterSelection::All).await?;
    let failure = runs[0].failure.as_ref().expect("it would fail");
    assert!(chain(failure).contains("out of print"), "{failure:?}");
    cure("Lady Susan");
    let runs = letters.dry_run(DeadLetterSelection::All).await?;
    assert!(runs[0].failure.is_none(), "{runs:?}");
    assert_eq!(shelf(&place)?.1, 2);

    letters.retry(DeadLetterSelection::All).await?;
    letters.served(PATIENCE).await?;
    assert_eq!(letters.count().await?, 0, "both were consumed");
    let sold = vec![("Emma".to_owned(), 3), ("Lady Susan".to_owned(), 11)];
    assert_eq!(shelf(&place)?, (sold, 4));
    Ok(app.shutdown().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_leaves_nothing() -> Outcome {
    let place = Place::new();
    let store = place.open().await;
    fail("any panic");
    let end = sell(&store, [("Emma", 1), ("a panic", 5), ("Emma", 1)]).await?;
    let app = shop(store, parking()).await?;
    app.caught_up(end, PATIENCE).await?;
    assert_eq!(shelf(&place)?, (vec![("Emma".to_owned(), 2)], 2));
    let letter = app
        .dead_letters(SHELF)?
        .list(DeadLetterSelection::All, Default::default(), 10)
        .await?;
    let error = letter[0].error.clone().expect("it was tried");
    assert!(error.contains("the shelf fell over"), "{error}");
    Ok(app.shutdown().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_without_end_meets_the_time_limit() -> Outcome {
    let place = Place::new();
    let store = place.open().await;
    let end = sell(&store, [("Emma", 1), ("an endless one", 5), ("Emma", 1)]).await?;
    let mut delivery = parking();
    delivery.timeout = Duration::from_millis(200);
    let app = shop(store.clone(), delivery).await?;
    app.caught_up(end, PATIENCE).await?;
    assert_eq!(shelf(&place)?, (vec![("Emma".to_owned(), 2)], 2));
    let letters = app.dead_letters(SHELF)?;
    let runs = letters.dry_run(DeadLetterSelection::All).await?;
    let failure = runs[0].failure.as_ref().expect("it would fail");
    assert_eq!(FailureKind::of(failure), FailureKind::TimedOut);
    // The writer was not left behind with it.
    sell(&store, [("Emma", 1)]).await?;
    Ok(app.shutdown().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_projection_that_ends_the_transaction_never_moves_the_checkpoint() -> Outcome {
    let place = Place::new();
    let store = place.open().await;
    sell(&store, [("one that commits", 5)]).await?;
    let app = shop(store, parking()).await?;
    retried(&app, |error| {
        chain(&**error).contains("a statement ended it")
    })
    .await?;
    assert_eq!(checkpoint(&place)?, 0);
    Ok(app.shutdown().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_no_events_fault() -> Outcome {
    let place = Place::new();
    let store = place.open().await;
    sell(&store, [("Emma", 1), ("a big one", 5)]).await?;
    store.close().await?;
    let pages: i64 = place
        .stranger()
        .query_row("PRAGMA page_count", [], |row| row.get(0))?;
    // Room for the tables, and not for that book.
    let room = (pages as u64 + 64) * 4_096;
    let store = SqliteStore::open_with(place.options().with_max_bytes(room)).await?;
    let app = shop(store, parking()).await?;
    retried(&app, |error| FailureKind::of(error).is_infrastructure()).await?;
    assert_eq!(app.dead_letters(SHELF)?.count().await?, 0);
    assert_eq!(checkpoint(&place)?, 0);
    Ok(app.shutdown().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_has_no_rebuild() -> Outcome {
    let place = Place::new();
    let app = shop(place.open().await, parking()).await?;
    let error = app.rebuild(SHELF).await.expect_err("there is none");
    assert!(
        matches!(&error, RebuildError::OwnTables { .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("reset_projection"), "{error}");
    Ok(app.shutdown().await?)
}
