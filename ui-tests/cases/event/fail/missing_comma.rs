use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(name = "Stored" schema_version = 1)]
struct Placed;

fn main() {}
