//! How a saga ends: by its steps, and by what undoes them.

use orchestrix::prelude::*;
use orchestrix::saga::{SagaChange, SagaError, SagaOutcome, SagaStatus};

use super::trip::{Does, Trip, called, script};
use super::{app, book, effects, history, idle, status};

const COMPLETED: SagaStatus = SagaStatus::Ended(SagaOutcome::Completed);
const COMPENSATED: SagaStatus = SagaStatus::Ended(SagaOutcome::Compensated);
const FAILED: SagaStatus = SagaStatus::Ended(SagaOutcome::CompensationFailed);

#[tokio::test(start_paused = true)]
async fn all_steps_run_once_after_those_they_come_after() {
    let app = app(MemoryStore::new()).await;
    book(&app, "ok").await;
    idle(&app).await;
    assert_eq!(status(&app, "ok").await, COMPLETED);
    let mut called = called("ok");
    called[..2].sort();
    assert_eq!(called, ["flight", "hotel", "car", "pay"]);
    for part in ["flight", "hotel", "car", "pay"] {
        assert_eq!(effects(&app, "ok", part).await, 1, "{part}");
    }
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_step_that_fails_turns_all_that_was_completed_back_in_reverse() {
    let app = app(MemoryStore::new()).await;
    script("turns", "pay", &[Does::FailsForGood]);
    book(&app, "turns").await;
    idle(&app).await;
    assert_eq!(status(&app, "turns").await, COMPENSATED);
    let changes = history(&app, "turns").await.entries;
    let completed = changes.iter().filter_map(|entry| match &entry.what {
        SagaChange::StepCompleted { step } => Some(step.clone()),
        _ => None,
    });
    let undone = changes.iter().filter_map(|entry| match &entry.what {
        SagaChange::StepCompensated { step } => Some(step.clone()),
        _ => None,
    });
    let completed: Vec<_> = completed.collect();
    let mut undone: Vec<_> = undone.collect();
    assert_eq!(completed.len(), 3);
    undone.reverse();
    assert_eq!(undone, completed, "in the reverse order of completion");
    // The failed step is not undone, and has nothing that could.
    assert_eq!(called("turns").len(), 7, "{:?}", called("turns"));
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_compensation_of_the_step_that_failed_is_not_run() {
    let app = app(MemoryStore::new()).await;
    script("own", "flight", &[Does::FailsForGood]);
    book(&app, "own").await;
    idle(&app).await;
    assert_eq!(status(&app, "own").await, COMPENSATED);
    // The hotel ran beside it, and came to its end.
    let mut called = called("own");
    called[..2].sort();
    assert_eq!(called, ["flight", "hotel", "cancel_hotel"]);
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_again_and_has_its_effect_once() {
    let app = app(MemoryStore::new()).await;
    script("again", "car", &[Does::FailsForNow, Does::FailsForNow]);
    book(&app, "again").await;
    idle(&app).await;
    assert_eq!(status(&app, "again").await, COMPLETED);
    let calls = called("again").iter().filter(|part| *part == "car").count();
    assert_eq!(calls, 3, "two retries are three calls");
    assert_eq!(effects(&app, "again", "car").await, 1);
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn retries_end() {
    let app = app(MemoryStore::new()).await;
    script("ends", "car", &[Does::FailsForNow; 3]);
    book(&app, "ends").await;
    idle(&app).await;
    assert_eq!(status(&app, "ends").await, COMPENSATED);
    let entries = history(&app, "ends").await.entries;
    let last = entries.iter().find_map(|entry| match &entry.what {
        SagaChange::StepFailed {
            attempt,
            error,
            is_final: true,
            ..
        } => Some((*attempt, error.clone())),
        _ => None,
    });
    assert_eq!(last, Some((3, "nobody answers".to_owned())));
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_step_that_hangs_has_failed_and_one_that_panics_too() {
    let app = app(MemoryStore::new()).await;
    script("hangs", "pay", &[Does::Hangs; 3]);
    script("panics", "pay", &[Does::Panics]);
    book(&app, "hangs").await;
    book(&app, "panics").await;
    idle(&app).await;
    for (trip, told) in [("hangs", "longer than 5s"), ("panics", "panicked: a bug")] {
        assert_eq!(status(&app, trip).await, COMPENSATED, "{trip}");
        let entries = history(&app, trip).await.entries;
        let told = entries.iter().any(|entry| match &entry.what {
            SagaChange::StepFailed { error, .. } => error.contains(told),
            _ => false,
        });
        assert!(told, "{entries:?}");
    }
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_compensation_that_fails_leaves_the_others_to_run_and_a_person_to_help() {
    let app = app(MemoryStore::new()).await;
    script("stuck", "pay", &[Does::FailsForGood]);
    script(
        "stuck",
        "cancel_car",
        &[Does::FailsForNow, Does::FailsForNow],
    );
    book(&app, "stuck").await;
    idle(&app).await;
    assert_eq!(status(&app, "stuck").await, FAILED);
    for undo in ["cancel_flight", "cancel_hotel"] {
        assert_eq!(effects(&app, "stuck", undo).await, 1, "{undo}");
    }
    // It is tried again when a person says so, and has its effect once in spite of all.
    app.sagas::<Trip>().resume("stuck").await.unwrap();
    idle(&app).await;
    assert_eq!(status(&app, "stuck").await, COMPENSATED);
    assert_eq!(effects(&app, "stuck", "cancel_car").await, 1);
    let refused = app.sagas::<Trip>().resume("stuck").await;
    assert!(matches!(refused, Err(SagaError::NotFailed { status, .. }) if status == COMPENSATED));
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_person_can_say_that_it_is_done() {
    let app = app(MemoryStore::new()).await;
    script("solved", "pay", &[Does::FailsForGood]);
    script("solved", "cancel_hotel", &[Does::FailsForGood]);
    book(&app, "solved").await;
    idle(&app).await;
    assert_eq!(status(&app, "solved").await, FAILED);
    let sagas = app.sagas::<Trip>();
    sagas.resolve("solved", "called the hotel").await.unwrap();
    assert_eq!(status(&app, "solved").await, SagaStatus::Resolved);
    let last = history(&app, "solved").await.entries.pop().unwrap().what;
    assert_eq!(last.to_string(), "resolved: called the hotel");
    let unknown = sagas.resolve("nobody", "").await;
    assert!(matches!(unknown, Err(SagaError::NotFound { .. })));
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_can_be_started_by_hand_once() {
    let app = app(MemoryStore::new()).await;
    let trip = Trip {
        seats: 2,
        price: None,
    };
    let start = || app.sagas::<Trip>().start("hand", trip.clone());
    let stream = start().await.unwrap();
    assert_eq!(stream.name(), "saga-trip-hand");
    idle(&app).await;
    assert_eq!(status(&app, "hand").await, COMPLETED);
    assert_eq!(effects(&app, "hand", "flight").await, 2);
    let again = start().await;
    assert!(matches!(again, Err(SagaError::AlreadyExists { .. })));
    app.shutdown().await.unwrap();
}
