use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
enum Order {
    Placed,
    #[event(name = "Placed")]
    Sent,
}

fn main() {}
