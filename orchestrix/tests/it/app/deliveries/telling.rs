//! Who is told of failures, and what is remembered of them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::store::{DeadLetterSelection, GlobalPosition};
use orchestrix::subscription::{
    Delivery, ErrorPolicy, FailureKind, FailureReaction, RECENT_FAILURES, RetryPolicy,
    SubscriptionFailure, SubscriptionState,
};

use super::post::{Calls, DELIVER, Post, counted};
use crate::app::Outcome;
use crate::app::waiting::{LONG, eventually, reaches, status};

fn of(on_error: ErrorPolicy, retry: RetryPolicy) -> Delivery {
    let mut delivery = Delivery::default();
    delivery.on_error = on_error;
    delivery.retry = retry;
    delivery
}

type Heard = Arc<Mutex<Vec<SubscriptionFailure>>>;

/// An app that tells of its failures twice, the first time to somebody who panics.
async fn telling(
    store: &MemoryStore,
    calls: &Calls,
    delivery: Delivery,
) -> Result<(App, Heard), Box<dyn std::error::Error>> {
    let heard = Heard::default();
    let ear = heard.clone();
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let app = builder
        .module(Post(calls.clone()))
        .delivery(DELIVER, delivery)
        .on_failure(|_| panic!("nobody at home"))
        .on_failure(move |failure| ear.lock().unwrap().push(failure.clone()))
        .start()
        .await?;
    Ok((app, heard))
}

/// Position and reaction of each; they are the handler's, and told with their causes.
fn reactions(failures: &[SubscriptionFailure]) -> Vec<(Option<u64>, FailureReaction)> {
    let each = failures.iter().map(|failure| {
        assert_eq!(failure.subscription, DELIVER);
        assert_eq!(failure.kind, FailureKind::Handler);
        let cause = std::error::Error::source(&*failure.error).map(ToString::to_string);
        assert_eq!(cause.as_deref(), Some("the letter box is full"));
        (failure.position.map(GlobalPosition::get), failure.reaction)
    });
    each.collect()
}

fn remembered(app: &App, heard: &Heard) -> Vec<(Option<u64>, FailureReaction)> {
    let heard = reactions(&heard.lock().unwrap());
    assert_eq!(reactions(&app.recent_failures()), heard);
    heard
}

#[tokio::test(start_paused = true)]
async fn each_failure_is_told_with_what_is_done_about_it() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::failing_at([2]));
    counted(&store, 1..=3).await?;
    let wait = Duration::from_secs(2);
    let delivery = of(ErrorPolicy::Skip, RetryPolicy::fixed(1, wait)?);
    let (app, heard) = telling(&store, &calls, delivery).await?;
    reaches(&app, DELIVER, GlobalPosition::new(3)).await;
    assert_eq!(
        remembered(&app, &heard),
        [
            (Some(2), FailureReaction::Retry { failures: 1, wait }),
            (Some(2), FailureReaction::Skip)
        ]
    );
    let failures = app.recent_failures();
    assert!(failures[0].at <= failures[1].at);
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_is_told_when_it_is_kept_and_when_it_fails_again() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::failing_at([2]));
    counted(&store, 1..=3).await?;
    let delivery = of(ErrorPolicy::DeadLetter, RetryPolicy::none());
    let (app, heard) = telling(&store, &calls, delivery).await?;
    reaches(&app, DELIVER, GlobalPosition::new(3)).await;
    let letters = app.dead_letters(DELIVER)?;
    letters.retry(DeadLetterSelection::All).await?;
    letters.served(LONG).await?;
    let parked = (Some(2), FailureReaction::DeadLetter);
    assert_eq!(remembered(&app, &heard), [parked, parked]);
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn a_halt_is_told_once() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::failing_at([1]));
    counted(&store, 1..=3).await?;
    let delivery = of(ErrorPolicy::Stop, RetryPolicy::none());
    let (app, heard) = telling(&store, &calls, delivery).await?;
    let halted = || {
        matches!(
            status(&app, DELIVER).state,
            SubscriptionState::Halted { .. }
        )
    };
    eventually("it halts", halted).await;
    assert_eq!(remembered(&app, &heard), [(Some(1), FailureReaction::Halt)]);
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn the_last_failures_are_remembered_and_all_are_told() -> Outcome {
    let more = u32::try_from(RECENT_FAILURES)? + 20;
    let (store, calls) = (MemoryStore::new(), Calls::failing_at(1..=more));
    counted(&store, 1..=more).await?;
    let delivery = of(ErrorPolicy::Skip, RetryPolicy::none());
    let (app, heard) = telling(&store, &calls, delivery).await?;
    reaches(&app, DELIVER, GlobalPosition::new(more.into())).await;
    let places = |failures: &[SubscriptionFailure]| -> Vec<u64> {
        let positions = failures.iter().filter_map(|failure| failure.position);
        positions.map(GlobalPosition::get).collect()
    };
    let all: Vec<u64> = (1..=u64::from(more)).collect();
    assert_eq!(places(&heard.lock().unwrap()), all);
    assert_eq!(places(&app.recent_failures()), all[20..]);
    Ok(app.shutdown().await?)
}

#[test]
fn what_is_done_is_told_in_words() {
    let wait = Duration::ZERO;
    let words = [
        FailureReaction::Retry { failures: 1, wait },
        FailureReaction::Skip,
        FailureReaction::DeadLetter,
        FailureReaction::Halt,
    ];
    let words = words.map(|reaction| reaction.to_string());
    assert_eq!(
        words,
        [
            "tries again",
            "goes past the event",
            "keeps the event as a dead letter",
            "halts until it is resumed"
        ]
    );
}
