use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
enum Order {
    Placed {
        #[event(name = "Pence")]
        pence: i64,
    },
}

fn main() {}
