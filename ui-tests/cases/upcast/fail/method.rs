use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
#[event(name = "Placed")]
struct PlacedV1;

impl PlacedV1 {
    #[upcast]
    fn newer(self) -> PlacedV1 {
        self
    }
}

fn main() {}
