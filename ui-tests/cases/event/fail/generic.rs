use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Placed<T> {
    order: T,
}

fn main() {}
