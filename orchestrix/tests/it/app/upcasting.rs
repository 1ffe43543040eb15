//! An old event is read in its current shape, whoever reads it.

use std::sync::{Arc, Mutex};

use orchestrix::prelude::*;
use orchestrix::store::EventData;
use serde_json::json;

use super::stored::{all, event, events, write};
use super::waiting::caught_up;
use super::{Outcome, start};

#[derive(Event, Serialize, Deserialize)]
#[event(name = "OrderPlaced")]
struct OrderPlacedV1 {
    order: String,
    pounds: i64,
}

#[derive(Event, Serialize, Deserialize)]
#[event(name = "OrderPlaced", schema_version = 2)]
struct OrderPlacedV2 {
    order: String,
    pence: i64,
}

#[derive(Event, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[event(schema_version = 3)]
struct OrderPlaced {
    order: String,
    pence: i64,
    currency: String,
}

#[upcast]
fn in_pence(old: OrderPlacedV1) -> OrderPlacedV2 {
    OrderPlacedV2 {
        order: old.order,
        pence: old.pounds * 100,
    }
}

#[upcast]
fn with_currency(old: OrderPlacedV2) -> OrderPlaced {
    OrderPlaced {
        order: old.order,
        pence: old.pence,
        currency: "GBP".to_owned(),
    }
}

#[derive(Command)]
struct PlaceOrder {
    #[id]
    order: String,
    pence: i64,
}

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("the order is in another currency")]
struct InAnotherCurrency;

#[derive(Debug, Default, PartialEq)]
struct Order {
    pence: i64,
    currency: Option<String>,
}

#[aggregate]
impl Order {
    #[handle]
    fn place(&self, cmd: PlaceOrder) -> Result<OrderPlaced, InAnotherCurrency> {
        match self.currency.as_deref() {
            None | Some("GBP") => Ok(OrderPlaced {
                order: cmd.order,
                pence: cmd.pence,
                currency: "GBP".to_owned(),
            }),
            Some(_) => Err(InAnotherCurrency),
        }
    }

    #[apply]
    fn placed(&mut self, event: &OrderPlaced) {
        self.pence += event.pence;
        self.currency = Some(event.currency.clone());
    }
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Revenue {
    pence: i64,
}

#[projection(key = currency)]
impl Revenue {
    #[apply]
    fn placed(&mut self, event: &OrderPlaced) {
        self.pence += event.pence;
    }
}

#[derive(Default, Clone)]
struct Seen(Arc<Mutex<Vec<OrderPlaced>>>);

struct Shop(Seen);

#[module(aggregates(Order), projections(Revenue))]
impl Shop {
    #[on]
    async fn see(&self, event: &OrderPlaced) {
        let Seen(seen) = &self.0;
        seen.lock().unwrap().push(event.clone());
    }
}

fn old(pounds: i64) -> EventData {
    event("OrderPlaced", 1, json!({ "order": "7", "pounds": pounds }))
}

fn middle(pence: i64) -> EventData {
    event("OrderPlaced", 2, json!({ "order": "7", "pence": pence }))
}

#[tokio::test]
async fn every_read_path_sees_the_current_shape() -> Outcome {
    let store = MemoryStore::new();
    write(&store, "order-7", vec![old(3), middle(450)]).await?;
    let seen = Seen::default();
    let app = start(store.clone(), Shop(seen.clone())).await;
    // Load, at each version.
    let gbp = || Some("GBP".to_owned());
    let loaded = app.load::<Order>("7").await?;
    assert_eq!(
        loaded.state,
        Some(Order {
            pence: 750,
            currency: gbp()
        })
    );
    let first = app.load::<Order>("7").at(StreamVersion::FIRST).await?;
    assert_eq!(
        first.state,
        Some(Order {
            pence: 300,
            currency: gbp()
        })
    );
    // Dispatch: decided on the old events, and written in the current shape.
    let receipt = app
        .dispatch(PlaceOrder {
            order: "7".to_owned(),
            pence: 50,
        })
        .await?;
    assert_eq!(receipt.version.get(), 3);
    let stored = events(&store, "order-7").await;
    let versions: Vec<_> = stored
        .iter()
        .map(|event| event.data.schema_version)
        .collect();
    assert_eq!(versions, [1, 2, 3], "what is stored stays as it was stored");
    assert_eq!(
        stored[2].data.payload.as_json(),
        Some(r#"{"order":"7","pence":50,"currency":"GBP"}"#)
    );
    // Projection and handler, which begin at the first event.
    caught_up(&app).await;
    assert_eq!(
        app.view::<Revenue>("GBP").await?,
        Some(Revenue { pence: 800 })
    );
    let pence: Vec<_> = seen
        .0
        .lock()
        .unwrap()
        .iter()
        .map(|event| (event.pence, event.currency.clone()))
        .collect();
    assert_eq!(pence, [300, 450, 50].map(|pence| (pence, "GBP".to_owned())));
    // By stored name.
    let mut bodies = Vec::new();
    for recorded in all(app.store()).await {
        bodies.push(app.registry().current_json(&recorded)?);
    }
    let body = |pence: i64| json!({ "order": "7", "pence": pence, "currency": "GBP" });
    assert_eq!(bodies, [body(300), body(450), body(50)]);
    // A read model that is built anew.
    let rebuilt = start(store.clone(), RevenueOnly).await;
    caught_up(&rebuilt).await;
    assert_eq!(
        rebuilt.view::<RevenueAgain>("GBP").await?,
        Some(RevenueAgain { pence: 800 })
    );
    Ok(())
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct RevenueAgain {
    pence: i64,
}

#[projection(name = "revenue", version = 2, key = currency)]
impl RevenueAgain {
    #[apply]
    fn placed(&mut self, event: &OrderPlaced) {
        self.pence += event.pence;
    }
}

#[module(projections(RevenueAgain))]
struct RevenueOnly;

#[tokio::test]
async fn an_upcaster_that_fails_says_at_which_step() -> Outcome {
    let store = MemoryStore::new();
    let app = start(store.clone(), Shop(Seen::default())).await;
    write(
        &store,
        "order-7",
        vec![event("OrderPlaced", 2, json!({ "order": "7" }))],
    )
    .await?;
    let error = app.load::<Order>("7").await.expect_err("there is no price");
    assert_eq!(
        orchestrix::error::chain(&error),
        "version 1 of stream order-7 could not be read: the upcaster of event `OrderPlaced` from schema version 2 to \
         3 failed: missing field `pence`"
    );
    Ok(())
}
