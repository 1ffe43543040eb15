use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(name "Stored")]
struct Placed;

fn main() {}
