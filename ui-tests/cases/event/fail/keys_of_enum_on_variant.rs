use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
enum Order {
    #[event(crate = ::orchestrix)]
    Placed,
    #[orchestrix(crate = ::orchestrix)]
    Cancelled,
}

fn main() {}
