use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Subscribed(#[tag] u32, #[tag()] u32);

fn main() {}
