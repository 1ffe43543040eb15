use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(name = "")]
struct Placed;

fn main() {}
