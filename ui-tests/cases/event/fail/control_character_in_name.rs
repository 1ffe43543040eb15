use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(name = "two\nlines")]
struct Placed;

fn main() {}
