use orchestrix::prelude::*;

use serde_json::Value;

#[derive(Event, Serialize, Deserialize)]
#[event(schema_version = 3)]
struct Placed;

#[upcast(event = Placed, from = 1)]
fn newer(old: Value) -> Value {
    old
}

fn main() {}
