use orchestrix::prelude::*;

use serde_json::Value;

#[upcast]
fn newer(old: Value) -> Value {
    old
}

fn main() {}
