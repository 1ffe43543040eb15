use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(name = "Placed")]
struct PlacedV1;

#[upcast]
async fn newer(old: PlacedV1) -> PlacedV1 {
    old
}

fn main() {}
