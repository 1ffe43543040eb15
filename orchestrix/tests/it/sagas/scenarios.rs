//! Sagas by their scenarios: what steps answer, and what comes of it.

use orchestrix::prelude::*;
use orchestrix::saga::{SagaChange, SagaOutcome};
use orchestrix::testkit::{SagaScenario, SagaScenarioError, StepAnswer};

use super::trip::{Trip, TripBooked};
use crate::app::counter::{Counted, Counter};

#[module(aggregates(Counter))]
struct Counting;

fn booked(trip: &str) -> TripBooked {
    TripBooked {
        trip: trip.to_owned(),
        seats: 1,
    }
}

fn scenario() -> SagaScenario<Trip> {
    SagaScenario::new().module(Counting)
}

#[tokio::test(start_paused = true)]
async fn steps_of_which_nothing_is_said_run() {
    let run = scenario().given(&booked("real")).await.unwrap();
    let run = run.expect_outcome(SagaOutcome::Completed);
    run.expect_commands(&["Count"; 4]).expect_undone(&[]);
}

#[tokio::test(start_paused = true)]
async fn a_step_answers_what_it_is_told_to() {
    let answer = |n: u64| StepAnswer::ok(&n).unwrap();
    scenario()
        .when("flight", answer(1))
        .when("hotel", answer(1))
        .when("pay", StepAnswer::fails("the card was refused"))
        .given(&booked("told"))
        .await
        .unwrap()
        .expect_outcome(SagaOutcome::Compensated)
        .expect_completed(&["flight", "hotel", "car"])
        .expect_undone(&["car", "hotel", "flight"])
        .expect_commands(&["Count"; 4]);
}

#[tokio::test(start_paused = true)]
async fn what_times_out_is_tried_again_and_then_undone() {
    let mut slow = scenario();
    for _ in 0..3 {
        slow = slow.when("car", StepAnswer::times_out());
    }
    let run = slow.given(&booked("slow")).await.unwrap();
    let failed = run.history().entries.iter();
    let failed = failed.filter(|entry| matches!(entry.what, SagaChange::StepFailed { .. }));
    assert_eq!(failed.count(), 3);
    run.expect_outcome(SagaOutcome::Compensated);
    let again = StepAnswer::fails_for_now("busy");
    let run = scenario().when("car", again).given(&booked("busy")).await;
    run.unwrap().expect_outcome(SagaOutcome::Completed);
}

#[tokio::test(start_paused = true)]
async fn a_compensation_answers_too() {
    let fails = || StepAnswer::fails("nobody there");
    scenario()
        .when("pay", fails())
        .when("cancel_car", fails())
        .given(&booked("undo"))
        .await
        .unwrap()
        .expect_outcome(SagaOutcome::CompensationFailed);
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "expected that it is compensated; it is completed")]
async fn an_expectation_that_is_not_met_panics_with_the_history() {
    let run = scenario().given(&booked("wrong")).await.unwrap();
    run.expect_outcome(SagaOutcome::Compensated);
}

#[tokio::test(start_paused = true)]
async fn a_part_that_is_not_there_is_refused() {
    let counted = Counted {
        counter: "a".to_owned(),
        by: 1,
    };
    let other = scenario().given(&counted).await;
    assert!(
        matches!(&other, Err(SagaScenarioError::NoStart { event_type, .. }) if *event_type == "Counted"),
        "{other:?}"
    );
    let unknown = scenario().when("boat", StepAnswer::times_out());
    let Err(error) = unknown.given(&booked("boat")).await else {
        panic!("there is no boat")
    };
    assert!(matches!(&error, SagaScenarioError::Unknown { part, .. } if part == "boat"));
    assert!(error.to_string().contains("flight, cancel_flight"));
}
