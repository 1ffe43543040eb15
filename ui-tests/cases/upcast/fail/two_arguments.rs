use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(name = "Placed")]
struct PlacedV1;

#[upcast]
fn newer(old: PlacedV1, _: String) -> PlacedV1 {
    old
}

fn main() {}
