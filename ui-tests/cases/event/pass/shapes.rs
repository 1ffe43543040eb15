//! Structs of every shape, and an enum whose variants serde renames.

#![deny(warnings)]

use orchestrix::prelude::*;
use orchestrix::store::EventData;

#[derive(Event, Serialize, Deserialize, Debug, PartialEq)]
struct Unit;

#[derive(Event, Serialize, Deserialize, Debug, PartialEq)]
struct Tuple(u8, String);

#[derive(Event, Serialize, Deserialize, Debug, PartialEq)]
#[event(name = "Named things", schema_version = 1)]
struct Named {
    pence: i64,
}

#[derive(Event, Serialize, Deserialize, Debug, PartialEq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Parcel {
    #[serde(rename = "dispatched")]
    Sent {
        #[serde(rename = "recipient")]
        to: String,
    },
    #[event(name = "ParcelLost")]
    Lost,
    Weighed(u32),
    r#Move(u8, u8),
}

#[derive(Event, Serialize, Deserialize, Debug, PartialEq)]
#[deprecated]
pub struct Old;

fn there_and_back<E: Event + PartialEq + std::fmt::Debug>(event: E, name: &str) {
    assert_eq!(event.event_type().name(), name);
    let payload = event.encode().expect("it can be written");
    let stored = EventData::new(name, 1, payload);
    let read = E::decode(&stored).expect("its name is known").expect("it can be read");
    assert_eq!(read, event);
}

fn main() {
    there_and_back(Unit, "Unit");
    there_and_back(Tuple(1, "a".into()), "Tuple");
    there_and_back(Named { pence: 5 }, "Named things");
    there_and_back(Parcel::Sent { to: "me".into() }, "Sent");
    there_and_back(Parcel::Lost, "ParcelLost");
    there_and_back(Parcel::Weighed(7), "Weighed");
    there_and_back(Parcel::r#Move(1, 2), "Move");
}
