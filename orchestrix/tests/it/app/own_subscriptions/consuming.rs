//! What reaches a subscription of the user's own, and in which ways it may be written.

use std::sync::{Arc, Mutex};

use orchestrix::error::BoxError;
use orchestrix::module::EventSubscriber;
use orchestrix::prelude::*;
use orchestrix::store::{CheckpointStore, Filter, GlobalPosition, RecordedEvent};
use orchestrix::subscription::{StartFrom, Subscription};
use serde_json::json;

use crate::app::Outcome;
use crate::app::counter::{Counted, Counting, count};
use crate::app::stored::{all, event, write};
use crate::app::waiting::caught_up;

#[derive(Event, Serialize, Deserialize)]
#[event(name = "Priced")]
struct PricedV1 {
    pounds: i64,
}

#[derive(Event, Serialize, Deserialize, Debug, PartialEq)]
#[event(schema_version = 2)]
struct Priced {
    pence: i64,
}

#[upcast]
fn in_pence(old: PricedV1) -> Priced {
    Priced {
        pence: old.pounds * 100,
    }
}

#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn note(&self, text: impl Into<String>) {
        self.0.lock().unwrap().push(text.into());
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// A type of one's own.
struct Types(Notes);

impl EventSubscriber for Types {
    type Context = EventContext;

    async fn handle(&self, event: RecordedEvent, cx: EventContext) -> Result<(), BoxError> {
        assert_eq!(event.event_id(), cx.event_id());
        self.0
            .note(format!("{} {}", cx.position(), event.event_type()));
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn async_closures_plain_ones_and_types_of_ones_own() -> Outcome {
    let store = MemoryStore::new();
    let [waiting, plain, own] = [(); 3].map(|()| Notes::default());
    let (to_wait, to_plain) = (waiting.clone(), plain.clone());
    let app = Orchestrix::builder()
        .isolated()
        .store(store.clone())
        .module(Counting)
        .subscription(
            Subscription::new("waiting"),
            move |event: RecordedEvent, _: EventContext| {
                let notes = to_wait.clone();
                async move {
                    tokio::task::yield_now().await;
                    notes.note(event.event_type());
                }
            },
        )
        .subscription(
            Subscription::new("plain"),
            move |event: RecordedEvent, _: EventContext| -> Result<(), std::num::ParseIntError> {
                to_plain.note(event.stream.key().parse::<u32>()?.to_string());
                Ok(())
            },
        )
        .subscription(Subscription::new("own"), Types(own.clone()))
        .start()
        .await?;
    app.dispatch(count("7", 1)).await?;
    app.dispatch(count("8", 1)).await?;
    caught_up(&app).await;
    assert_eq!(waiting.all(), ["Counted", "Counted"]);
    assert_eq!(plain.all(), ["7", "8"]);
    assert_eq!(own.all(), ["1 Counted", "2 Counted"]);
    Ok(())
}

/// What no part of the app knows comes as it is stored; what is older than its type comes through the upcasters.
#[tokio::test(start_paused = true)]
async fn unknown_types_come_erased_and_known_ones_in_their_shape() -> Outcome {
    let store = MemoryStore::new();
    let odd = json!({ "what": "ever" });
    let three = vec![
        event("Unheard", 9, odd.clone()),
        event("Priced", 1, json!({ "pounds": 3 })),
        event("Priced", 2, json!({ "pence": 5 })),
    ];
    write(&store, "shop-1", three).await?;
    let notes = Notes::default();
    let noting = notes.clone();
    let app = Orchestrix::builder()
        .isolated()
        .store(store.clone())
        .event::<Priced>()
        .subscription(
            Subscription::new("prices"),
            move |event: RecordedEvent, _: EventContext| -> Result<(), BoxError> {
                match event.read::<Priced>()? {
                    Some(priced) => noting.note(format!("{} pence", priced.pence)),
                    None => {
                        noting.note(event.data.payload.read::<serde_json::Value>()?.to_string())
                    }
                }
                Ok(())
            },
        )
        .start()
        .await?;
    caught_up(&app).await;
    assert_eq!(notes.all(), [&odd.to_string(), "300 pence", "5 pence"]);
    Ok(())
}

/// Commands that it dispatches are of the event's tenant, with the event as their cause.
#[tokio::test(start_paused = true)]
async fn its_commands_follow_from_their_events() -> Outcome {
    let store = MemoryStore::new();
    let app = Orchestrix::builder()
        .isolated()
        .store(store.clone())
        .module(Counting)
        .subscription(
            Subscription::new("echo").filter(Filter::all().categories(["counter"])),
            |event: RecordedEvent, cx: EventContext| async move {
                if event.stream.key() == "a" {
                    cx.dispatch(count("b", 2)).await?;
                }
                Ok::<_, orchestrix::app::DispatchError<_>>(())
            },
        )
        .start()
        .await?;
    let acme = TenantId::new("acme")?;
    app.dispatch(count("a", 1)).tenant(acme.clone()).await?;
    caught_up(&app).await;
    let log = all(&store).await;
    let [cause, effect] = &log[..] else {
        panic!("one event follows from the other: {log:?}");
    };
    assert_eq!(effect.stream.tenant(), &acme);
    assert_eq!(effect.read::<Counted>()?.map(|event| event.by), Some(2));
    let metadata = &effect.data.metadata;
    assert_eq!(metadata.correlation_id, cause.data.metadata.correlation_id);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_restart_goes_on_behind_the_checkpoint() -> Outcome {
    let store = MemoryStore::new();
    for by in 1..=3 {
        let counted = event("Counted", 1, json!({ "counter": "a", "by": by }));
        write(&store, "counter-a", vec![counted]).await?;
    }
    let notes = Notes::default();
    for last in ["3", "4"] {
        let noting = notes.clone();
        let start = StartFrom::After(GlobalPosition::new(1));
        let builder = Orchestrix::builder().isolated().store(store.clone());
        let app = builder
            .subscription(
                Subscription::new("kept").start(start),
                move |event: RecordedEvent, _: EventContext| {
                    noting.note(event.position.to_string())
                },
            )
            .start()
            .await?;
        caught_up(&app).await;
        assert_eq!(store.load_checkpoint("kept").await?.to_string(), last);
        app.shutdown().await?;
        let counted = event("Counted", 1, json!({ "counter": "a", "by": 4 }));
        write(&store, "counter-a", vec![counted]).await?;
    }
    assert_eq!(notes.all(), ["2", "3", "4"]);
    Ok(())
}
