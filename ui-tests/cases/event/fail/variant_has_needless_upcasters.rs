use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
enum Order {
    #[event(upcast(from_1))]
    Placed,
}

fn main() {}
