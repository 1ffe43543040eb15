use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Placed {
    #[event(name = "Pence")]
    pence: i64,
}

fn main() {}
