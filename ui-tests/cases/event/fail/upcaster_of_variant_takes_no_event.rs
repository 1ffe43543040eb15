use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
enum Order {
    #[event(schema_version = 2, upcast(from_1))]
    Placed,
}

struct Old;

fn from_1(_: Old) -> u8 {
    1
}

fn main() {}
