//! Events kept as dead letters, what waits behind them, and how they come back.

use orchestrix::app::{DeadLetterError, DeadLetters};
use orchestrix::prelude::*;
use orchestrix::store::{
    CheckpointMove, CheckpointStore, DeadLetter, DeadLetterRequest, DeadLetterSelection,
    GlobalPosition,
};
use orchestrix::subscription::{Delivery, ErrorPolicy, RetryPolicy, SubscriptionState};
use serde_json::json;

use super::post::{Calls, DELIVER, Post, TOTAL, counted, posting};
use crate::app::Outcome;
use crate::app::counter::Total;
use crate::app::stored::{event, stream, write};
use crate::app::test_store::{CommitFault, TestStore};
use crate::app::waiting::{LONG, eventually, reaches, status};

fn parking() -> Delivery {
    let mut delivery = Delivery::default();
    delivery.retry = RetryPolicy::none();
    delivery.on_error = ErrorPolicy::DeadLetter;
    delivery
}

fn at(position: u64) -> GlobalPosition {
    GlobalPosition::new(position)
}

async fn all(letters: &DeadLetters) -> Result<Vec<DeadLetter>, DeadLetterError> {
    letters.list(DeadLetterSelection::All, at(0), 100).await
}

fn places(letters: &[DeadLetter]) -> Vec<(u64, u32)> {
    let place = |letter: &DeadLetter| (letter.position.get(), letter.attempts);
    letters.iter().map(place).collect()
}

/// The events of `c1` are 1, 4, 7, 10: the fourth fails.
async fn parked(store: &MemoryStore, calls: &Calls) -> Result<App, Box<dyn std::error::Error>> {
    counted(store, 1..=12).await?;
    calls.fail_at([4]);
    let app = posting(store.clone(), calls, parking()).await?;
    reaches(&app, DELIVER, at(12)).await;
    Ok(app)
}

#[tokio::test(start_paused = true)]
async fn only_the_stream_of_a_failed_event_waits_and_comes_back_in_order() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::default());
    let app = parked(&store, &calls).await?;
    assert_eq!(calls.all(), [1, 2, 3, 4, 5, 6, 8, 9, 11, 12]);
    let letters = app.dead_letters(DELIVER)?;
    let found = all(&letters).await?;
    assert_eq!(places(&found), [(4, 1), (7, 0), (10, 0)]);
    let [first, behind, _] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(first.stream, stream("counter-c1"));
    assert_eq!(first.event_type, "Counted");
    assert!(
        first
            .error
            .as_ref()
            .is_some_and(|error| error.ends_with(": the letter box is full")),
        "{first:?}"
    );
    assert_eq!(first.failed_at, Some(first.parked_at));
    assert_eq!((&behind.error, behind.failed_at), (&None, None));
    assert_eq!(status(&app, DELIVER).dead_letters, 3);
    assert_eq!(letters.count().await?, 3);

    calls.fail_at([]);
    assert_eq!(letters.retry(DeadLetterSelection::All).await?, 3);
    letters.served(LONG).await?;
    counted(&store, [13]).await?;
    reaches(&app, DELIVER, at(13)).await;
    assert_eq!(calls.all()[10..], [4, 7, 10, 13]);
    assert_eq!(status(&app, DELIVER).dead_letters, 0);
    assert_eq!(all(&letters).await?, []);
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn one_that_fails_again_says_so_and_those_behind_it_wait_on() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::default());
    let app = parked(&store, &calls).await?;
    let letters = app.dead_letters(DELIVER)?;
    let before = letters.show(at(4)).await?;
    assert_eq!(letters.retry(DeadLetterSelection::At(at(4))).await?, 1);
    letters.served(LONG).await?;
    let after = letters.show(at(4)).await?;
    assert_eq!((after.attempts, after.request), (2, None));
    assert_eq!(after.parked_at, before.parked_at);
    assert!(after.failed_at >= before.failed_at);
    assert_eq!(places(&all(&letters).await?), [(4, 2), (7, 0), (10, 0)]);
    assert_eq!(calls.all()[10..], [4]);
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn a_skipped_one_is_not_delivered_and_those_behind_it_follow() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::default());
    let app = parked(&store, &calls).await?;
    let letters = app.dead_letters(DELIVER)?;
    let error = letters.skip(DeadLetterSelection::At(at(7))).await;
    let error = error.expect_err("it waits");
    assert_eq!(
        error.to_string(),
        "the event at position 7 waits behind the one at 4: settle that first, or all of the stream"
    );
    let error = letters.retry(DeadLetterSelection::At(at(5))).await;
    assert_eq!(
        error.expect_err("it was consumed").to_string(),
        "subscription `post.deliver` has no dead letter at position 5"
    );
    letters.skip(DeadLetterSelection::At(at(4))).await?;
    letters.served(LONG).await?;
    assert_eq!(calls.all()[10..], [7, 10]);
    assert_eq!(status(&app, DELIVER).skipped, 1);
    assert_eq!(letters.count().await?, 0);
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn they_outlive_the_app_and_what_comes_later_waits_behind_them() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::default());
    let app = parked(&store, &calls).await?;
    app.shutdown().await?;
    counted(&store, 13..=15).await?;
    calls.fail_at([]);
    let app = posting(store.clone(), &calls, parking()).await?;
    reaches(&app, DELIVER, at(15)).await;
    assert_eq!(calls.all()[10..], [14, 15]);
    let letters = app.dead_letters(DELIVER)?;
    let c1 = DeadLetterSelection::Stream(stream("counter-c1"));
    assert_eq!(letters.retry(c1).await?, 4);
    letters.served(LONG).await?;
    assert_eq!(calls.all()[12..], [4, 7, 10, 13]);
    Ok(app.shutdown().await?)
}

/// As after a crash between the first one's end and the second one's turn.
#[tokio::test(start_paused = true)]
async fn what_waits_for_nothing_any_more_is_delivered_without_being_asked_for() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::default());
    let app = parked(&store, &calls).await?;
    app.shutdown().await?;
    let settled = CheckpointMove {
        settled: vec![at(4)],
        ..CheckpointMove::new(DELIVER, at(12), at(12))
    };
    store.move_checkpoint(settled).await?;
    let app = posting(store.clone(), &calls, parking()).await?;
    eventually("the others follow", || calls.all().len() == 12).await;
    assert_eq!(calls.all()[10..], [7, 10]);
    app.dead_letters(DELIVER)?.served(LONG).await?;
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn when_there_is_no_room_for_more_the_subscription_halts() -> Outcome {
    let (store, calls) = (MemoryStore::new(), Calls::failing_at([4]));
    counted(&store, 1..=12).await?;
    let mut delivery = parking();
    delivery.most_dead_letters = 2;
    let app = posting(store.clone(), &calls, delivery).await?;
    let halted = || match status(&app, DELIVER).state {
        SubscriptionState::Halted { error } => Some(error.to_string()),
        _ => None,
    };
    eventually("it halts", || halted().is_some()).await;
    let full = "subscription `post.deliver` has 2 dead letters, and may have no more";
    assert_eq!(halted().as_deref(), Some(full));
    let letters = app.dead_letters(DELIVER)?;
    let kept = all(&letters).await?.len();
    assert!(kept <= 2, "{kept} were kept");
    calls.fail_at([]);
    letters.retry(DeadLetterSelection::All).await?;
    app.resume_subscription(DELIVER)?;
    reaches(&app, DELIVER, at(12)).await;
    letters.served(LONG).await?;
    let mut called = calls.all();
    called.sort_unstable();
    called.dedup();
    assert_eq!(called, (1..=12).collect::<Vec<_>>(), "nothing is lost");
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn where_a_dead_letter_cannot_be_kept_the_checkpoint_stays() -> Outcome {
    let store = TestStore::new();
    let calls = Calls::failing_at([4]);
    counted(&store.memory, [4, 2]).await?;
    store.commit_faults.always(CommitFault::Failed);
    let app = posting(store.clone(), &calls, parking()).await?;
    eventually("it is delivered again", || calls.all().len() >= 3).await;
    let letters = app.dead_letters(DELIVER)?;
    assert_eq!(letters.count().await?, 0);
    assert_eq!(store.load_checkpoint(DELIVER).await?, at(0));
    store.commit_faults.none();
    reaches(&app, DELIVER, at(2)).await;
    assert_eq!(letters.count().await?, 1);
    let called = calls.all();
    let (last, before) = called.split_last().ok_or("it was called")?;
    assert!(*last == 2 && before.iter().all(|by| *by == 4), "{called:?}");
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn a_projection_parks_and_takes_up_again_with_its_documents() -> Outcome {
    let store = MemoryStore::new();
    let good = |by: u32| event("Counted", 1, json!({ "counter": "a", "by": by }));
    // The sum of the first two overflows, which panics.
    write(&store, "counter-a", vec![good(1), good(u32::MAX), good(3)]).await?;
    let elsewhere = event("Counted", 1, json!({ "counter": "b", "by": 4 }));
    write(&store, "counter-b", vec![elsewhere]).await?;
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let builder = builder.module(Post(Calls::default()));
    let app = builder.delivery(TOTAL, parking()).start().await?;
    reaches(&app, TOTAL, at(4)).await;
    let sum = async |key: &str| -> Result<Option<u32>, Box<dyn std::error::Error>> {
        Ok(app.view::<Total>(key).await?.map(|total| total.sum))
    };
    assert_eq!((sum("a").await?, sum("b").await?), (Some(1), Some(4)));
    let letters = app.dead_letters(TOTAL)?;
    assert_eq!(places(&all(&letters).await?), [(2, 1), (3, 0)]);

    let runs = letters.dry_run(DeadLetterSelection::All).await?;
    let [run] = &runs[..] else {
        panic!("{runs:?}");
    };
    assert_eq!((&run.stream, run.events), (&stream("counter-a"), 2));
    let failure = run.failure.as_ref().map(ToString::to_string);
    assert!(
        failure.is_some_and(|failure| failure.contains("at position 2")),
        "{run:?}"
    );
    let runs = letters.dry_run(DeadLetterSelection::At(at(3))).await?;
    assert!(runs.iter().all(|run| run.failure.is_none()), "{runs:?}");
    assert_eq!(sum("a").await?, Some(1), "a dry run changes nothing");

    letters.skip(DeadLetterSelection::At(at(2))).await?;
    letters.served(LONG).await?;
    assert_eq!(sum("a").await?, Some(4), "1 and 3");
    assert_eq!(letters.count().await?, 0);
    Ok(app.shutdown().await?)
}

#[test]
fn requests_and_policies_are_told_in_words() {
    assert_eq!(DeadLetterRequest::Retry.to_string(), "retry");
    assert_eq!(DeadLetterRequest::Skip.to_string(), "skip");
    assert_eq!(ErrorPolicy::DeadLetter.to_string(), "dead letter");
}
