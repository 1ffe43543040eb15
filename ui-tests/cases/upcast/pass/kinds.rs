//! Between types, on JSON, on JSON with refusals; under `cfg`, with patterns and in any order.

#![deny(warnings)]

use orchestrix::prelude::*;
use serde_json::{Value, json};

#[derive(Event, Serialize, Deserialize, Debug, PartialEq)]
#[event(schema_version = 4)]
struct Placed {
    pence: i64,
    currency: String,
}

#[derive(Event, Serialize, Deserialize)]
#[event(name = "Placed", schema_version = 3)]
struct PlacedV3 {
    pence: i64,
}

#[upcast]
fn with_currency(PlacedV3 { pence }: PlacedV3) -> Placed {
    Placed { pence, currency: "GBP".into() }
}

#[upcast(event = PlacedV3, from = 2)]
fn whole_pence(old: Value) -> Result<Value, NotANumber> {
    let pounds = old["pounds"].as_f64().ok_or(NotANumber)?;
    Ok(json!({ "pence": (pounds * 100.0).round() as i64 }))
}

#[cfg(all())]
#[upcast(from = 1, event = PlacedV3)]
fn renamed(mut old: Value) -> Value {
    json!({ "pounds": old["price"].take() })
}

#[upcast(event = PlacedV3, from = 1)]
#[cfg(any())]
fn never_compiled(old: Value) -> Value {
    old
}

#[derive(Debug, thiserror::Error)]
#[error("the price is no number")]
struct NotANumber;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let chain = Placed::types()[0].chain();
    let new = chain.upcast(1, json!({ "price": 2.5 }))?;
    assert_eq!(new, json!({ "pence": 250, "currency": "GBP" }));
    assert!(chain.upcast(2, json!({ "pounds": "many" })).is_err());
    Ok(())
}
