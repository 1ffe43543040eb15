use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(name = "Stored")]
#[event(schema_version = 1, name = "Other")]
struct Placed;

fn main() {}
