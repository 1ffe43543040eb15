use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(nam = "Stored")]
struct Placed;

fn main() {}
