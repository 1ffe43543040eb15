//! What `app.sagas()` says where it cannot do what is asked for.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use orchestrix::app::{Builder, Config};
use orchestrix::module::{Module, Parts};
use orchestrix::prelude::*;
use orchestrix::saga::{
    ByHand, CompensationFuture, GraphError, Saga, SagaContext, SagaError, Step, StepError,
    StepFuture,
};
use orchestrix::store::{Append, EventData, EventStore as _, ExpectedVersion, Payload, StreamId};
use orchestrix::testkit::faults::{AppendFault, FaultStore, ReadCall, ReadFault};

use super::trip::Trip;
use super::{Travel, app};

const TRIP: Trip = Trip {
    seats: 1,
    price: None,
};

macro_rules! by_hand {
    ($saga:ident is $name:expr, $steps:expr) => {
        impl Saga for $saga {
            const NAME: &'static str = $name;
            const STEPS: &'static [Step] = $steps;
            type Start = ByHand;

            fn key(event: &ByHand) -> String {
                match *event {}
            }

            fn begin(event: &ByHand) -> Self {
                match *event {}
            }

            fn run<'a>(&'a mut self, _: usize, _: &'a SagaContext) -> StepFuture<'a> {
                Box::pin(async { Payload::of(&()).map_err(StepError::terminal) })
            }

            fn compensate<'a>(
                &'a mut self,
                _: usize,
                _: &'a SagaContext,
            ) -> CompensationFuture<'a> {
                Box::pin(async { Ok(()) })
            }
        }
    };
}
pub(super) use by_hand;

/// JSON has no such keys.
#[derive(Clone, Serialize, Deserialize)]
struct Unwritable {
    seats: BTreeMap<(u8, u8), String>,
}

by_hand!(Unwritable is "unwritable", &[Step::new("sit")]);

/// Another one of the name of the trip, whose steps do not fit together.
#[derive(Clone, Serialize, Deserialize)]
struct Endless {}

const CYCLE: &[Step] = &[Step {
    after: &["turn"],
    ..Step::new("turn")
}];

by_hand!(Endless is Trip::NAME, CYCLE);

struct Unwritten;

impl Module for Unwritten {
    fn name(&self) -> &'static str {
        "unwritten"
    }

    fn register(self: Arc<Self>, parts: &mut Parts) {
        parts.saga::<Unwritable>();
    }
}

fn travel(store: MemoryStore) -> Builder {
    let builder = Orchestrix::builder().isolated();
    builder.store(store).module(Travel)
}

fn caused_by(error: &SagaError) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn sagas_of_no_module_are_not_known() {
    let app = Orchestrix::builder().isolated().store(MemoryStore::new());
    let app = app.start().await.unwrap();
    let sagas = app.sagas::<Trip>();
    let unknown = [
        sagas.history("7").await.map(drop),
        sagas.resume("7").await,
        sagas.resolve("7", "").await,
        app.sagas::<Trip>().start("7", TRIP).await.map(drop),
    ];
    for unknown in unknown {
        let unknown = unknown.expect_err("it is in no module");
        assert!(matches!(unknown, SagaError::NotRegistered { saga: "trip" }));
        assert_eq!(
            unknown.to_string(),
            "saga `trip` is in no module of this app"
        );
    }
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn keys_that_name_no_stream_are_refused() {
    let app = app(MemoryStore::new()).await;
    for key in ["line\nbreak", &"k".repeat(5_000)] {
        let refused = app.sagas::<Trip>().start(key, TRIP).await;
        let refused = refused.expect_err("names no stream");
        assert!(matches!(
            refused,
            SagaError::InvalidKey { saga: "trip", .. }
        ));
        assert!(!caused_by(&refused).is_empty());
        let refused = app.sagas::<Trip>().history(key).await;
        assert!(matches!(refused, Err(SagaError::InvalidKey { .. })));
    }
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn another_type_of_the_same_name_needs_steps_that_fit_together() {
    let app = app(MemoryStore::new()).await;
    let refused = app.sagas::<Endless>().start("7", Endless {}).await;
    let refused = refused.expect_err("it comes after itself");
    let SagaError::Graph {
        saga: "trip",
        source,
    } = &refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(*source, GraphError::Cycle { step: "turn" });
    assert_eq!(
        refused.to_string(),
        "the steps of saga `trip` do not fit together"
    );
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_state_that_cannot_be_written_starts_nothing() {
    let app = Orchestrix::builder().isolated().store(MemoryStore::new());
    let app = app.module(Unwritten).start().await.unwrap();
    let seats = BTreeMap::from([((1, 2), "window".to_owned())]);
    let refused = app.sagas().start("7", Unwritable { seats }).await;
    let refused = refused.expect_err("JSON has no such keys");
    assert!(matches!(
        refused,
        SagaError::Encode {
            saga: "unwritable",
            ..
        }
    ));
    assert_eq!(caused_by(&refused), "key must be a string");
    let none = app.sagas::<Unwritable>().history("7").await.unwrap();
    assert_eq!(none, None);
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn where_a_tenant_is_required_it_must_be_said() {
    let mut config = Config::new();
    config.require_tenant = true;
    let app = travel(MemoryStore::new()).config(config);
    let app = app.start().await.unwrap();
    let refused = app.sagas::<Trip>().history("7").await;
    assert!(matches!(refused, Err(SagaError::TenantRequired(_))));
    let refused = app.sagas::<Trip>().start("7", TRIP).await;
    assert!(matches!(refused, Err(SagaError::TenantRequired(_))));
    let red = app.sagas::<Trip>().tenant(TenantId::new("red").unwrap());
    assert_eq!(red.history("7").await.unwrap(), None);
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_store_that_cannot_be_reached_is_told() {
    let faults = Arc::new(FaultStore::over(Arc::new(MemoryStore::new())));
    let app = travel(MemoryStore::new()).events(faults.clone());
    let app = app.start().await.unwrap();
    faults.always_reads(ReadCall::Stream, ReadFault::Unavailable);
    let refused = app.sagas::<Trip>().history("7").await;
    let refused = refused.expect_err("nothing can be read");
    assert!(matches!(refused, SagaError::Unavailable { .. }));
    assert_eq!(refused.to_string(), "the store is unavailable");
    assert!(!caused_by(&refused).is_empty());
    faults.heal();
    faults.always(AppendFault::NotSent);
    let refused = app.sagas::<Trip>().start("7", TRIP).await;
    assert!(matches!(refused, Err(SagaError::Unavailable { .. })));
    faults.heal();
    assert_eq!(app.sagas::<Trip>().history("7").await.unwrap(), None);
    app.shutdown().await.unwrap();
}

/// Puts an event into the stream of an instance that is no saga's.
pub(super) async fn scribble(store: &MemoryStore, stream: &str) {
    let stream = StreamId::new("saga", stream).unwrap();
    let event = EventData::new("Scribbled", 1, Payload::of(&1).unwrap());
    let append = Append::new(stream, ExpectedVersion::NoStream, vec![event]);
    for appended in store.append(vec![append]).await {
        appended.unwrap();
    }
}

pub(super) fn assert_unreadable<T>(outcome: Result<T, SagaError>, name: &str) {
    match outcome.map(drop).expect_err("it holds what is no saga's") {
        SagaError::Failed { stream, source } => {
            assert_eq!(stream.name(), name);
            let told = source.to_string();
            assert!(told.contains("holds `Scribbled` at version 1"), "{told}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_history_that_holds_something_else_cannot_be_read() {
    let store = MemoryStore::new();
    scribble(&store, "trip-7").await;
    let app = app(store).await;
    let sagas = app.sagas::<Trip>();
    assert_unreadable(sagas.history("7").await, "saga-trip-7");
    assert_unreadable(sagas.resume("7").await, "saga-trip-7");
    assert_unreadable(sagas.resolve("7", "").await, "saga-trip-7");
    app.shutdown().await.unwrap();
}
