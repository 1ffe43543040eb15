use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(upcast(from_1))]
struct Placed;

fn main() {}
