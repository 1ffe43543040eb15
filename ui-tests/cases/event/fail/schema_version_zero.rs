use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(schema_version = 0)]
struct Placed;

fn main() {}
