use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(crate = "orchestrix")]
struct Placed;

fn main() {}
