//! Code that changes under instances that are under way.

use std::sync::Arc;

use orchestrix::app::ViewError;
use orchestrix::error::chain;
use orchestrix::module::{Module, Parts};
use orchestrix::prelude::*;
use orchestrix::saga::{
    CompensationFuture, Saga, SagaContext, SagaOutcome, SagaStatus, Step, StepError, StepFuture,
};
use orchestrix::store::{GlobalPosition, Payload};
use orchestrix::subscription::{Delivery, ErrorPolicy, RetryPolicy, SubscriptionState};

use super::trip::{Desk, Does, Trip, TripBooked, called, script};
use super::{PATIENCE, book, idle};
use crate::app::counter::Counter;

/// The trips of a later version of the code.
macro_rules! later {
    ($name:ident, $steps:expr) => {
        #[derive(Clone, Serialize, Deserialize)]
        pub(super) struct $name(serde_json::Value);

        impl Saga for $name {
            const NAME: &'static str = Trip::NAME;
            const STEPS: &'static [Step] = $steps;
            type Start = TripBooked;

            fn key(event: &TripBooked) -> String {
                event.trip.clone()
            }

            fn begin(event: &TripBooked) -> Self {
                Self(serde_json::json!({ "seats": event.seats }))
            }

            fn run<'a>(&'a mut self, _: usize, _: &'a SagaContext) -> StepFuture<'a> {
                Box::pin(async { Payload::of(&1).map_err(StepError::terminal) })
            }

            fn compensate<'a>(&'a mut self, _: usize, _: &'a SagaContext) -> CompensationFuture<'a> {
                Box::pin(async { Ok(()) })
            }
        }
    };
}

const fn after(name: &'static str, after: &'static [&'static str]) -> Step {
    Step {
        after,
        ..Step::new(name)
    }
}

later!(
    Turned,
    &[
        after("hotel", &[]),
        after("flight", &["hotel"]),
        after("car", &["flight"])
    ]
);
later!(
    Extended,
    &[
        after("flight", &[]),
        after("hotel", &[]),
        after("car", &["flight", "hotel"]),
        after("insure", &["car"]),
        after("pay", &["insure"]),
    ]
);

struct Later<S>(std::marker::PhantomData<fn() -> S>);

impl<S: Saga> Module for Later<S> {
    fn name(&self) -> &'static str {
        "later"
    }

    fn register(self: Arc<Self>, parts: &mut Parts) {
        parts.aggregate::<Counter>();
        parts.aggregate::<Desk>();
        parts.saga::<S>();
    }
}

/// A trip whose car has begun, on an app that ends, and an app of the later code.
async fn under_way<S: Saga>(trip: &str) -> App {
    let store = MemoryStore::new();
    let first = super::app(store.clone()).await;
    script(trip, "car", &[Does::Hangs]);
    book(&first, trip).await;
    while called(trip).len() < 3 {
        tokio::task::yield_now().await;
    }
    drop(first);
    let later = Later::<S>(std::marker::PhantomData);
    let mut delivery = Delivery::default();
    (delivery.retry, delivery.on_error) = (RetryPolicy::none(), ErrorPolicy::Stop);
    let builder = Orchestrix::builder().isolated().store(store);
    let builder = builder.delivery("saga.trip", delivery);
    builder.module(later).start().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_instance_whose_begun_steps_changed_is_refused_and_told() {
    let app = under_way::<Turned>("turned").await;
    let behind = app.caught_up(GlobalPosition::new(1), PATIENCE).await;
    let Err(ViewError::Behind { state, .. }) = behind else {
        panic!("{behind:?}")
    };
    let SubscriptionState::Halted { error } = state else {
        panic!("{state:?}")
    };
    let told = chain(&*error);
    let expected = "step `flight` was begun, and comes after other steps now";
    assert!(told.contains(expected), "{told}");
    assert!(told.contains("have changed under an instance that is under way"));
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn steps_that_nobody_has_reached_may_change() {
    let app = under_way::<Extended>("extended").await;
    idle(&app).await;
    let history = app.sagas::<Extended>().history("extended").await.unwrap();
    let status = history.unwrap().status;
    assert_eq!(status, SagaStatus::Ended(SagaOutcome::Completed));
    app.shutdown().await.unwrap();
}
