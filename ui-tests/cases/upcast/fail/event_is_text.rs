use orchestrix::prelude::*;

use serde_json::Value;

#[upcast(event = "Placed", from = 1)]
fn newer(old: Value) -> Value {
    old
}

fn main() {}
