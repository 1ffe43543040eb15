//! Code that changes under instances that are under way.

use std::sync::Arc;

use orchestrix::app::{Builder, Config, StartError, ViewError};
use orchestrix::error::chain;
use orchestrix::module::{Module, Parts};
use orchestrix::prelude::*;
use orchestrix::saga::{
    CompensationFuture, Saga, SagaContext, SagaError, SagaOutcome, SagaStatus, Step, StepError,
    StepFuture,
};
use orchestrix::store::{Backend, GlobalPosition, Payload};
use orchestrix::subscription::{Delivery, ErrorPolicy, RetryPolicy, SubscriptionState};
use orchestrix::testkit::faults::{FaultStore, ReadCall, ReadFault};

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

/// Where trips are whose cars have begun, on an app that ends.
async fn stopped(trips: &[&str]) -> MemoryStore {
    let store = MemoryStore::new();
    let first = super::app(store.clone()).await;
    for trip in trips {
        script(trip, "car", &[Does::Hangs]);
        book(&first, trip).await;
        while called(trip).len() < 3 {
            tokio::task::yield_now().await;
        }
    }
    drop(first);
    store
}

/// An app of the later code.
fn later<S: Saga>(store: MemoryStore) -> Builder {
    let later = Later::<S>(std::marker::PhantomData);
    let mut delivery = Delivery::default();
    (delivery.retry, delivery.on_error) = (RetryPolicy::none(), ErrorPolicy::Stop);
    let builder = Orchestrix::builder().isolated().store(store);
    builder.delivery("saga.trip", delivery).module(later)
}

/// A trip whose car has begun, on an app of the later code that starts all the same.
async fn under_way<S: Saga>(trip: &str) -> App {
    let store = stopped(&[trip]).await;
    let mut config = Config::new();
    config.refuse_changed_sagas = false;
    later::<S>(store).config(config).start().await.unwrap()
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

/// What the look at the start has seen by then counts; what it has not is looked at when it is served.
#[tokio::test(start_paused = true)]
async fn a_store_that_is_late_hides_none_of_what_was_found() {
    let store = stopped(&["late-1", "late-2", "late-3"]).await;
    let log = FaultStore::over(store.ports().events);
    let second = [None, Some(ReadFault::Held)];
    log.next_reads(ReadCall::Stream, second);
    let builder = later::<Turned>(store).events(Arc::new(log));
    let Err(StartError::ChangedSagas { changed }) = builder.start().await else {
        panic!("one was found")
    };
    let keys = changed.sagas[0].instances.iter();
    let keys: Vec<_> = keys.map(|instance| &*instance.key).collect();
    assert_eq!((keys, changed.is_whole), (vec!["late-1"], false));
    let told = changed.to_string();
    assert!(told.contains("saga `trip`, at least 1 instance:"), "{told}");
}

/// Neither a store that fails for a moment nor one that does not answer keeps an app from starting.
#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_asked_again_and_not_waited_for_without_end() {
    let store = stopped(&["absent"]).await;
    let log = FaultStore::over(store.ports().events);
    log.next_reads(ReadCall::All, [Some(ReadFault::Unavailable)]);
    let builder = later::<Turned>(store.clone()).events(Arc::new(log));
    let again = builder.start().await;
    assert!(matches!(again, Err(StartError::ChangedSagas { .. })));

    let log = FaultStore::over(store.ports().events);
    log.always_reads(ReadCall::Head, ReadFault::Unavailable);
    let builder = later::<Turned>(store).events(Arc::new(log.clone()));
    let app = builder.start().await.unwrap();
    log.heal();
    let behind = app.caught_up(GlobalPosition::new(1), PATIENCE).await;
    let Err(ViewError::Behind { state, .. }) = behind else {
        panic!("{behind:?}")
    };
    assert!(
        matches!(state, SubscriptionState::Halted { .. }),
        "{state:?}"
    );
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_failed_to_be_undone_is_not_resumed_with_other_steps() {
    let store = MemoryStore::new();
    let first = super::app(store.clone()).await;
    script("undoing", "pay", &[Does::FailsForGood]);
    script("undoing", "cancel_car", &[Does::FailsForGood]);
    book(&first, "undoing").await;
    idle(&first).await;
    let failed = SagaStatus::Ended(SagaOutcome::CompensationFailed);
    assert_eq!(super::status(&first, "undoing").await, failed);
    drop(first);
    // It has ended, and keeps nothing from starting.
    let app = later::<Turned>(store).start().await.unwrap();
    let resumed = app.sagas::<Turned>().resume("undoing").await;
    let Err(error @ SagaError::Changed { .. }) = resumed else {
        panic!("{resumed:?}")
    };
    assert_eq!(
        error.to_string(),
        "saga-trip-undoing cannot be resumed, for its steps have changed since: step `car` was begun, and comes after other steps \
         now; step `flight` was begun, and comes after other steps now; step `pay` was begun, and is no more"
    );
    let sagas = app.sagas::<Turned>();
    sagas
        .resolve("undoing", "the car was cancelled by hand")
        .await
        .unwrap();
    let history = sagas.history("undoing").await.unwrap().unwrap();
    assert_eq!(history.status, SagaStatus::Resolved);
    app.shutdown().await.unwrap();
}
