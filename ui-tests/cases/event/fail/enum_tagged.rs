use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
enum Order {
    Placed,
}

fn main() {}
