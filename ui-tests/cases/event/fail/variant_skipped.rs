use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
enum Order {
    #[serde(rename = "placed")]
    Placed,
    #[serde(skip)]
    Draft,
}

fn main() {}
