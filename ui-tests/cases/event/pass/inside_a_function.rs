//! Derives and attributes on items that are not in a module's scope.

use orchestrix::prelude::*;

fn main() {
    #[derive(Event, Serialize, Deserialize)]
    #[event(name = "Placed")]
    struct PlacedV1;

    #[derive(Event, Serialize, Deserialize)]
    #[event(schema_version = 2)]
    struct Placed;

    #[upcast]
    fn newer(_: PlacedV1) -> Placed {
        Placed
    }

    macro_rules! command {
        ($(#[$attr:meta])* $name:ident($id:ty) as $stored:literal) => {
            #[derive(Command)]
            #[command(name = $stored)]
            struct $name {
                #[id]
                id: $id,
            }
        };
    }
    command!(Cancel(u32) as "cancel");

    let _ = newer;
    assert_eq!(Placed::types()[0].chain().readable(), [1, 2]);
    assert_eq!(Cancel { id: 1 }.stream_key(), "1");
    assert_eq!(Cancel::NAME, "cancel");
}
