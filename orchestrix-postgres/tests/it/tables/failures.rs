//! Events that fail: what they wrote goes, what came before stays, and their delivery decides.

use std::sync::Arc;
use std::time::Duration;

use orchestrix::app::RebuildError;
use orchestrix::error::chain;
use orchestrix::prelude::*;
use orchestrix::store::DeadLetterSelection;
use orchestrix::subscription::{
    ConsumeError, Delivery, FailureKind, RetryPolicy, SubscriptionState,
};

use super::shelf::{
    SHELF, checkpoint, cure, fail, parking, sell, shelf, shop, take_back, until_state, until_told,
};
use crate::fixture::{PATIENCE, in_database};

/// What it halted at.
async fn halted(app: &App) -> Arc<ConsumeError> {
    let halts = |state: &SubscriptionState| matches!(state, SubscriptionState::Halted { .. });
    match until_state(app, halts).await {
        SubscriptionState::Halted { error } => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_event_leaves_nothing_and_those_before_it_stay() {
    in_database("tables_failing", async |database| {
        let store = database.store().await;
        fail("Persuasion");
        let books = [("Emma", 1), ("Emma", 2), ("Persuasion", 7), ("Emma", 4)];
        let end = sell(&store, &books).await;
        let mut stopping = Delivery::default();
        stopping.retry = RetryPolicy::none();
        let app = shop(store.clone(), stopping).await;
        let error = halted(&app).await;
        assert!(chain(&*error).contains("out of print"), "{error:?}");
        assert_eq!(shelf(&database).await, (vec![("Emma".to_owned(), 3)], 2));
        assert_eq!(checkpoint(&database).await, 2);

        // It is delivered again, and all goes on.
        cure("Persuasion");
        app.resume_subscription(SHELF).unwrap();
        app.caught_up(end, PATIENCE).await.unwrap();
        let sold = vec![("Emma".to_owned(), 7), ("Persuasion".to_owned(), 7)];
        assert_eq!(shelf(&database).await, (sold, 4));
        let end = take_back(&store, "Persuasion").await;
        app.caught_up(end, PATIENCE).await.unwrap();
        assert_eq!(shelf(&database).await.0[1].1, 6);
        app.shutdown().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_comes_back_with_its_effect() {
    in_database("tables_letters", async |database| {
        let store = database.store().await;
        fail("Lady Susan");
        let books = [
            ("Emma", 1),
            ("Lady Susan", 5),
            ("Lady Susan", 6),
            ("Emma", 2),
        ];
        let end = sell(&store, &books).await;
        let app = shop(store, parking()).await;
        app.caught_up(end, PATIENCE).await.unwrap();
        assert_eq!(shelf(&database).await, (vec![("Emma".to_owned(), 3)], 2));
        let letters = app.dead_letters(SHELF).unwrap();
        assert_eq!(letters.count().await.unwrap(), 2);

        // Tried in a transaction that is rolled back.
        let runs = letters.dry_run(DeadLetterSelection::All).await.unwrap();
        let failure = runs[0].failure.as_ref().expect("it would fail");
        assert!(chain(failure).contains("out of print"), "{failure:?}");
        cure("Lady Susan");
        let runs = letters.dry_run(DeadLetterSelection::All).await.unwrap();
        assert!(runs[0].failure.is_none(), "{runs:?}");
        assert_eq!(shelf(&database).await.1, 2);

        letters.retry(DeadLetterSelection::All).await.unwrap();
        letters.served(PATIENCE).await.unwrap();
        assert_eq!(letters.count().await.unwrap(), 0, "both were consumed");
        let sold = vec![("Emma".to_owned(), 3), ("Lady Susan".to_owned(), 11)];
        assert_eq!(shelf(&database).await, (sold, 4));
        app.shutdown().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_without_end_meets_the_time_limit_and_is_ended() {
    in_database("tables_endless", async |database| {
        let store = database.store().await;
        let books = [("Emma", 1), ("an endless one", 5), ("Emma", 1)];
        let end = sell(&store, &books).await;
        let mut delivery = parking();
        delivery.timeout = Duration::from_millis(300);
        let app = shop(store, delivery).await;
        app.caught_up(end, PATIENCE).await.unwrap();
        assert_eq!(shelf(&database).await, (vec![("Emma".to_owned(), 2)], 2));
        let letters = app.dead_letters(SHELF).unwrap();
        assert_eq!(letters.count().await.unwrap(), 1);
        let sleeping = "select count(*) from pg_stat_activity
                         where query like '%pg_sleep(600)%' and pid <> pg_backend_pid() and datname = current_database()";
        let mut session = database.session().await;
        let count: i64 = sqlx::query_scalar(sleeping).fetch_one(&mut session).await.unwrap();
        assert_eq!(count, 0);
        app.shutdown().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_is_no_events_fault_and_a_doubled_key_is() {
    in_database("tables_deadlock", async |database| {
        let store = database.store().await;
        fail("any deadlock");
        let books = [("Emma", 1), ("one that is there", 1), ("one for two", 1)];
        let end = sell(&store, &books).await;
        let app = shop(store, parking()).await;
        let letters = app.dead_letters(SHELF).unwrap();
        let meets_the_deadlock = |state: &SubscriptionState| {
            matches!(state, SubscriptionState::Retrying { error, .. } if FailureKind::of(error).is_infrastructure())
        };
        until_state(&app, meets_the_deadlock).await;
        cure("any deadlock");
        app.caught_up(end, PATIENCE).await.unwrap();
        assert_eq!(letters.count().await.unwrap(), 1);
        assert_eq!(shelf(&database).await.1, 2);
        app.shutdown().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_goes_through_all_events_again() {
    in_database("tables_reset", async |database| {
        let store = database.store().await;
        fail("Evelyn");
        let end = sell(&store, &[("Emma", 1), ("Evelyn", 2), ("Emma", 3)]).await;
        let app = shop(store.clone(), parking()).await;
        app.caught_up(end, PATIENCE).await.unwrap();
        let letters = app.dead_letters(SHELF).unwrap();
        assert_eq!(letters.count().await.unwrap(), 1);
        // Somebody spoils the table.
        let spoil = sqlx::query("update shelf set copies = 99");
        spoil.execute(&mut database.session().await).await.unwrap();

        cure("Evelyn");
        app.reset_projection(SHELF).await.unwrap();
        assert_eq!(letters.count().await.unwrap(), 0);
        let sold = vec![("Emma".to_owned(), 4), ("Evelyn".to_owned(), 2)];
        until_told(&app, "all is written again", async || {
            shelf(&database).await == (sold.clone(), 3)
        })
        .await;
        assert_eq!(checkpoint(&database).await, 3);
        let end = sell(&store, &[("Emma", 5)]).await;
        app.caught_up(end, PATIENCE).await.unwrap();
        assert_eq!(shelf(&database).await.1, 4);

        let error = app.rebuild(SHELF).await.expect_err("there is none");
        assert!(
            matches!(&error, RebuildError::OwnTables { .. }),
            "{error:?}"
        );
        app.shutdown().await.unwrap();
    })
    .await;
}
