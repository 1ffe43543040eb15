use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(name = "Placed")]
struct PlacedV1;

#[upcast]
fn newer(_: &PlacedV1) -> PlacedV1 {
    PlacedV1
}

fn main() {}
