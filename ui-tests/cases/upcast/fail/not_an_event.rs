use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(schema_version = 2)]
struct Placed;

struct PlacedV1;

#[upcast]
fn newer(_: PlacedV1) -> Placed {
    Placed
}

fn main() {}
