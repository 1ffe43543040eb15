use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[serde(untagged)]
enum Order {
    Placed,
    #[event(name = "Placed")]
    Sent,
    #[event(schema_version = two)]
    Lost,
}

fn main() {}
