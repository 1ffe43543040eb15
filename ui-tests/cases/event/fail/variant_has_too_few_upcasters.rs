use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
enum Order {
    #[event(schema_version = 3, upcast(from_1))]
    Placed,
}

fn main() {}
