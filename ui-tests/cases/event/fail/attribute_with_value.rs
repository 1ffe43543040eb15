use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event = "Stored"]
struct Placed;

fn main() {}
