use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(name = "Placed")]
struct PlacedV1;

#[derive(Event, Serialize, Deserialize)]
#[event(schema_version = 2)]
struct Placed;

#[upcast]
fn newer(_: PlacedV1) -> Result<Placed, String> {
    Ok(Placed)
}

fn main() {}
