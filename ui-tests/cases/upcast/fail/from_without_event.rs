use orchestrix::prelude::*;

use serde_json::Value;

#[upcast(from = 1)]
fn newer(old: Value) -> Value {
    old
}

fn main() {}
