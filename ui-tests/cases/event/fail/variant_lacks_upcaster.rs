use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
enum Order {
    #[event(schema_version = 2)]
    Placed,
}

fn main() {}
