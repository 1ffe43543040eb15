use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
enum Order {}

fn main() {}
