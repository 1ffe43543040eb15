use orchestrix::prelude::*;

use serde_json::Value;

#[derive(Event, Serialize, Deserialize)]
#[event(name = "Placed")]
struct PlacedV1;

#[derive(Event, Serialize, Deserialize)]
#[event(schema_version = 2)]
struct Placed;

#[upcast]
fn newer(_: PlacedV1) -> Placed {
    Placed
}

#[upcast(event = Placed, from = 1)]
fn newer_json(old: Value) -> Value {
    old
}

fn main() {}
