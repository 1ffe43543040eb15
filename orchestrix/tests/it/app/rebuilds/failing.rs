//! Builds that fail, and those that are given up.

use std::time::Duration;

use orchestrix::app::RebuildError;
use orchestrix::prelude::*;
use orchestrix::store::{DeadLetterSelection, GlobalPosition, RebuildStore};
use orchestrix::subscription::{ErrorPolicy, SubscriptionState};

use super::tally::{Events, TALLY, halted, tallying};
use crate::app::Outcome;
use crate::app::test_store::{CommitFault, TestStore};
use crate::app::waiting::{LONG, caught_up, eventually, status};

#[tokio::test(start_paused = true)]
async fn a_build_that_halts_is_late_until_it_is_given_up() -> Outcome {
    let (store, events) = (MemoryStore::new(), Events("halting"));
    events.write(&store, 1..=100).await?;
    let app = tallying(store.clone(), ErrorPolicy::Stop).await?;
    caught_up(&app).await;
    let before = events.sums(&app).await?;
    events.fail_at([55]);
    let rebuild = app.rebuild(TALLY).await?;
    assert_eq!(halted(&app).await?.get(), 54);
    let limit = Duration::from_millis(300);
    let late = rebuild.switched(limit).await;
    let Err(error) = late else {
        panic!("it was switched");
    };
    let text = error.to_string();
    assert!(
        text.starts_with(
            "build 1 of read model `tally@1` has not taken its place after 300ms: it is at position 54 (halted"
        ),
        "{text}"
    );
    match error {
        RebuildError::Late {
            subscription,
            build,
            position,
            state: Some(SubscriptionState::Halted { .. }),
            limit: waited,
        } => assert_eq!(
            (&*subscription, build, position.get(), waited),
            (TALLY, 1, 54, limit)
        ),
        other => panic!("{other:?}"),
    }
    // What is read goes on meanwhile.
    events.write(&store, [102]).await?;
    caught_up(&app).await;
    let [even, odd] = events.sums(&app).await?;
    assert_eq!([even.map(|sum| sum - 102), odd], before);

    let waiting = tokio::spawn({
        let rebuild = rebuild.clone();
        async move { rebuild.switched(LONG).await }
    });
    app.cancel_rebuild(TALLY).await?;
    let given_up = waiting.await?;
    let Err(RebuildError::GivenUp {
        subscription,
        build,
    }) = &given_up
    else {
        panic!("{given_up:?}");
    };
    assert_eq!((&**subscription, *build), (TALLY, 1));
    let text = given_up.map_err(|error| error.to_string());
    let expected = "build 1 of read model `tally@1` was given up";
    assert_eq!(text.err().as_deref(), Some(expected));
    assert!(app.rebuilds().await?.is_empty());
    assert_eq!(events.sums(&app).await?, [even, odd]);
    assert!(matches!(status(&app, TALLY).state, SubscriptionState::Live));
    // Nothing is under way: there is nothing to give up.
    app.cancel_rebuild(TALLY).await?;

    events.fail_at([]);
    events.correct();
    app.rebuild(TALLY).await?.switched(LONG).await?;
    let corrected = [even, odd].map(|sum| sum.map(|sum| sum * 100));
    assert_eq!(events.sums(&app).await?, corrected);
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn given_up_and_begun_again_at_once_it_is_built() -> Outcome {
    let (store, events) = (MemoryStore::new(), Events("again"));
    events.write(&store, 1..=100).await?;
    let app = tallying(store.clone(), ErrorPolicy::Stop).await?;
    caught_up(&app).await;
    let sums = events.sums(&app).await?;
    for _ in 0..5 {
        let given_up = app.rebuild(TALLY).await?;
        app.cancel_rebuild(TALLY).await?;
        let rebuild = app.rebuild(TALLY).await?;
        assert!(rebuild.build() >= given_up.build());
        rebuild.switched(LONG).await?;
        assert_eq!(events.sums(&app).await?, sums);
    }
    Ok(app.shutdown().await?)
}

#[tokio::test(start_paused = true)]
async fn dead_letters_of_the_build_take_the_place_of_the_old_ones() -> Outcome {
    let (store, events) = (MemoryStore::new(), Events("letters"));
    events.fail_at([3]);
    events.write(&store, 1..=10).await?;
    let app = tallying(store.clone(), ErrorPolicy::DeadLetter).await?;
    caught_up(&app).await;
    let letters = app.dead_letters(TALLY)?;
    let positions = async || {
        let all = letters.list(DeadLetterSelection::All, GlobalPosition::START, 100);
        let all = all.await?.into_iter();
        Ok::<_, Box<dyn std::error::Error>>(all.map(|each| each.position.get()).collect::<Vec<_>>())
    };
    assert_eq!(positions().await?, [3, 5, 7, 9]);
    assert_eq!(events.sums(&app).await?, [Some(30), Some(1)]);
    events.fail_at([6]);
    app.rebuild(TALLY).await?.switched(LONG).await?;
    assert_eq!(positions().await?, [6, 8, 10]);
    assert_eq!(events.sums(&app).await?, [Some(6), Some(25)]);
    eventually("the subscription knows them", || {
        status(&app, TALLY).dead_letters == 3
    })
    .await;
    // They are the subscription's own: it serves them.
    events.fail_at([]);
    letters.retry(DeadLetterSelection::All).await?;
    letters.served(LONG).await?;
    assert_eq!(positions().await?, [0; 0]);
    assert_eq!(events.sums(&app).await?, [Some(30), Some(25)]);
    Ok(app.shutdown().await?)
}

/// Nothing but the switch tells the subscription that there are dead letters now: no event comes.
#[tokio::test(start_paused = true)]
async fn dead_letters_of_a_build_are_served_where_there_were_none() -> Outcome {
    let (store, events) = (MemoryStore::new(), Events("first_letters"));
    events.write(&store, 1..=10).await?;
    let app = tallying(store.clone(), ErrorPolicy::DeadLetter).await?;
    caught_up(&app).await;
    events.fail_at([9]);
    app.rebuild(TALLY).await?.switched(LONG).await?;
    events.fail_at([]);
    let letters = app.dead_letters(TALLY)?;
    assert_eq!(letters.retry(DeadLetterSelection::All).await?, 1);
    letters.served(LONG).await?;
    assert_eq!(events.sums(&app).await?, [Some(30), Some(25)]);
    Ok(app.shutdown().await?)
}

/// Whether it was done or not: where its answer is lost, what builds must not begin anew among the documents that are read.
#[tokio::test(start_paused = true)]
async fn a_switch_whose_answer_is_lost_is_done_once() -> Outcome {
    for (fault, name) in [
        (CommitFault::Failed, "switch_failed"),
        (CommitFault::AnswerLost, "switch_lost"),
    ] {
        let (store, events) = (TestStore::new(), Events(name));
        events.write(&store.memory, 1..=100).await?;
        let app = tallying(store.clone(), ErrorPolicy::Stop).await?;
        caught_up(&app).await;
        events.folded();
        store.switch_faults.next([fault, fault]);
        app.rebuild(TALLY).await?.switched(LONG).await?;
        // The upkeep looks again and again, and whoever builds has had its time.
        tokio::time::sleep(Duration::from_secs(20)).await;
        events.write(&store.memory, [101, 102]).await?;
        caught_up(&app).await;
        assert_eq!(events.sums(&app).await?, [Some(2_652), Some(2_601)]);
        assert_eq!(store.memory.read_model_build(TALLY).await?, 1);
        app.shutdown().await?;
    }
    Ok(())
}
