//! The runtime under another name, given to each macro or once for all derives of an item.

mod vendored {
    pub mod events {
        pub use ::orchestrix::*;
    }
}

use serde::{Deserialize, Serialize};
use vendored::events::{Command, Event, Id, upcast};

#[derive(Event, Serialize, Deserialize)]
#[event(name = "Placed", crate = crate::vendored::events)]
struct PlacedV1;

#[derive(Event, Command, Serialize, Deserialize)]
#[event(schema_version = 2)]
#[command(no_id)]
#[orchestrix(crate = vendored::events)]
struct Placed;

#[derive(Event, Serialize, Deserialize)]
#[event(crate = self::vendored::events)]
enum Order {
    Sent,
}

#[derive(Command)]
#[command(crate = vendored::events)]
struct Cancel {
    #[id]
    order: OrderId,
}

#[derive(Id, Clone)]
#[orchestrix(crate = vendored::events)]
struct OrderId(u32);

#[upcast(crate = vendored::events)]
fn newer(_: PlacedV1) -> Placed {
    Placed
}

fn main() {
    use vendored::events::message::{Event, StreamCommand};
    assert_eq!(Placed::types()[0].schema_version(), 2);
    assert_eq!(Order::Sent.event_type().name(), "Sent");
    assert_eq!(Cancel { order: OrderId(7) }.stream_key(), "7");
}
