//! What `app.reacting()` says where it cannot do what is asked for.

use std::sync::Arc;

use orchestrix::app::Config;
use orchestrix::prelude::*;
use orchestrix::saga::SagaError;
use orchestrix::testkit::VirtualClock;
use orchestrix::testkit::faults::{FaultStore, ReadCall, ReadFault};

use super::deadline::Deadline;
use super::{Shop, app};
use crate::sagas::errors::{assert_unreadable, scribble};

#[tokio::test(start_paused = true)]
async fn keys_that_name_no_stream_are_refused() {
    let app = app(MemoryStore::new(), &VirtualClock::default()).await;
    let refused = app.reacting::<Deadline>().state("line\nbreak").await;
    let Err(SagaError::InvalidKey {
        saga: "deadline", ..
    }) = refused
    else {
        panic!("{refused:?}");
    };
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn where_a_tenant_is_required_it_must_be_said() {
    let mut config = Config::new();
    config.require_tenant = true;
    let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
    let app = builder.config(config).module(Shop).start().await.unwrap();
    let refused = app.reacting::<Deadline>().history("7").await;
    assert!(matches!(refused, Err(SagaError::TenantRequired(_))));
    let red = TenantId::new("red").unwrap();
    let of_red = app.reacting::<Deadline>().tenant(red);
    assert_eq!(of_red.history("7").await.unwrap(), None);
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_store_that_cannot_be_reached_is_told() {
    let faults = Arc::new(FaultStore::over(Arc::new(MemoryStore::new())));
    let builder = Orchestrix::builder().isolated().store(MemoryStore::new());
    let app = builder.events(faults.clone()).module(Shop);
    let app = app.start().await.unwrap();
    faults.always_reads(ReadCall::Stream, ReadFault::Unavailable);
    let refused = app.reacting::<Deadline>().resolve("7", "").await;
    assert!(matches!(refused, Err(SagaError::Unavailable { .. })));
    faults.heal();
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_history_that_holds_something_else_cannot_be_read() {
    let store = MemoryStore::new();
    scribble(&store, "deadline-7").await;
    let app = app(store, &VirtualClock::default()).await;
    let reacting = app.reacting::<Deadline>();
    assert_unreadable(reacting.history("7").await, "saga-deadline-7");
    assert_unreadable(reacting.state("7").await, "saga-deadline-7");
    assert_unreadable(reacting.resolve("7", "").await, "saga-deadline-7");
    app.shutdown().await.unwrap();
}
