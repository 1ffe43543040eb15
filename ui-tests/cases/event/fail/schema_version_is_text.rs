use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(schema_version = "2")]
struct Placed;

fn main() {}
