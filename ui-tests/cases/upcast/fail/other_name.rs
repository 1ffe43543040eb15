use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct PlacedV1;

#[derive(Event, Serialize, Deserialize)]
#[event(schema_version = 2)]
struct Placed;

#[upcast]
fn newer(_: PlacedV1) -> Placed {
    Placed
}

fn main() {}
