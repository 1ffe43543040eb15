use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event]
struct Placed;

fn main() {}
