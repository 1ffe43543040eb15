use orchestrix::prelude::*;

use serde_json::Value;

#[derive(Event, Serialize, Deserialize)]
#[event(name = "Placed")]
struct PlacedV1;

#[upcast(event = PlacedV1)]
fn newer(old: Value) -> Value {
    old
}

fn main() {}
