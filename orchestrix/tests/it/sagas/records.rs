//! All instances, as a read model and in the description of the app.

use orchestrix::prelude::*;
use orchestrix::saga::SagaRecord;

use super::trip::{Does, Trip, script};
use super::{app, book, idle};

#[tokio::test(start_paused = true)]
async fn instances_are_found_by_what_has_become_of_them() {
    let app = app(MemoryStore::new()).await;
    script("record-stuck", "pay", &[Does::FailsForGood]);
    script("record-stuck", "cancel_hotel", &[Does::FailsForGood]);
    book(&app, "record-ok").await;
    book(&app, "record-stuck").await;
    idle(&app).await;
    let found = async |status: &str| {
        let query = app.query::<SagaRecord>().equals("saga", "trip");
        let page = query.equals("status", status).fetch().await.unwrap();
        let records = page.documents.into_iter().map(|(_, record)| record);
        records.collect::<Vec<SagaRecord>>()
    };
    let [ok] = &found("completed").await[..] else {
        panic!("one is completed")
    };
    assert_eq!((ok.key.as_str(), &ok.error), ("record-ok", &None));
    assert!(ok.ended_at >= Some(ok.started_at));
    let [stuck] = &found("compensation failed").await[..] else {
        panic!("one needs help")
    };
    assert_eq!(stuck.key, "record-stuck");
    assert_eq!(stuck.error.as_deref(), Some("there is none left"));
    let sagas = app.sagas::<Trip>();
    sagas.resolve(&stuck.key, "by telephone").await.unwrap();
    idle(&app).await;
    assert_eq!(found("resolved").await.len(), 1);
    assert!(found("compensation failed").await.is_empty());
    app.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_description_has_the_graph_of_each() {
    let app = app(MemoryStore::new()).await;
    let described = app.describe();
    let [saga] = &described.modules[0].sagas[..] else {
        panic!("there is one")
    };
    assert_eq!(
        (saga.name.as_str(), &saga.events[..]),
        ("trip", &["TripBooked".to_owned()][..])
    );
    assert!(
        saga.graph.contains("step_flight --> step_car"),
        "{}",
        saga.graph
    );
    assert!(
        described.mermaid().contains("trip"),
        "{}",
        described.mermaid()
    );
    app.shutdown().await.unwrap();
}
