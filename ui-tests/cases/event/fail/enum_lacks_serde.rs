use orchestrix::prelude::*;

#[derive(Event, Serialize)]
enum Order {
    Placed,
    Sent,
}

fn main() {}
