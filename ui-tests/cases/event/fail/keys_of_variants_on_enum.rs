use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(name = "Stored", schema_version = 2, upcast(from_1))]
enum Order {
    Placed,
}

fn main() {}
