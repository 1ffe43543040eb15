//! What `#[derive(Event)]` stores, and how it is read again.

use orchestrix::message::DecodeError;
use orchestrix::prelude::*;
use orchestrix::registry::Registry;
use orchestrix::store::{EventData, Payload};

/// A derive of this crate's own tests announces itself to every registry of this binary, so names are used once.
#[derive(Event, Serialize, Deserialize, Debug, PartialEq)]
#[event(name = "events.MoneyDeposited")]
struct MoneyDeposited {
    pence: i64,
}

#[derive(Event, Serialize, Deserialize, Debug, PartialEq)]
struct Closed;

#[derive(Event, Serialize, Deserialize, Debug, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Parcel {
    #[serde(rename = "dispatched", alias = "posted")]
    Sent {
        #[serde(rename = "recipient")]
        to: String,
    },
    #[event(name = "ParcelWeighed")]
    Weighed(u32),
    Moved(u8, Option<u8>),
    Delivered,
    Noted(Option<String>),
}

fn stored(name: &str, json: &str) -> EventData {
    let payload = Payload::from_json_text(json).expect("the test's JSON is JSON");
    EventData::new(name, 1, payload)
}

#[test]
fn a_struct_is_stored_under_its_name() {
    let event = MoneyDeposited { pence: 5 };
    assert_eq!(event.event_type().name(), "events.MoneyDeposited");
    assert_eq!(event.event_type().schema_version(), 1);
    assert_eq!(MoneyDeposited::NAME, "events.MoneyDeposited");
    assert_eq!(Closed.event_type().name(), "Closed");
    assert!(Closed.event_type().rust_type().ends_with("events::Closed"));
}

#[test]
fn variants_are_stored_without_their_tag() -> Result<(), serde_json::Error> {
    let check = |parcel: Parcel, name: &str, json: &str| {
        assert_eq!(parcel.event_type().name(), name);
        assert_eq!(parcel.encode()?.as_json(), Some(json));
        let read = Parcel::decode(&stored(name, json)).expect("the name is known");
        assert_eq!(read.expect("the shape fits"), parcel);
        Ok::<(), serde_json::Error>(())
    };
    check(
        Parcel::Sent { to: "me".into() },
        "Sent",
        r#"{"recipient":"me"}"#,
    )?;
    check(Parcel::Weighed(7), "ParcelWeighed", "7")?;
    check(Parcel::Moved(1, None), "Moved", "[1,null]")?;
    check(Parcel::Delivered, "Delivered", "{}")?;
    check(Parcel::Noted(None), "Noted", "null")?;
    check(Parcel::Noted(Some("x".into())), "Noted", r#""x""#)
}

#[test]
fn serdes_names_of_variants_are_never_stored() {
    for name in ["dispatched", "posted", "weighed", "Weighed", "moved"] {
        assert!(Parcel::decode(&stored(name, "{}")).is_none(), "{name}");
    }
}

#[test]
fn events_of_other_names_are_left_to_others() {
    let other = stored("events.MoneyWithdrawn", r#"{"pence":5}"#);
    assert!(MoneyDeposited::decode(&other).is_none());
    assert!(Parcel::decode(&other).is_none());
}

#[test]
fn a_wrong_shape_names_the_event() {
    let wrong = MoneyDeposited::decode(&stored("events.MoneyDeposited", r#"{"pence":"five"}"#));
    match wrong {
        Some(Err(DecodeError::Shape {
            event_type,
            schema_version,
            ..
        })) => {
            assert_eq!((event_type, schema_version), ("events.MoneyDeposited", 1));
        }
        other => panic!("not a wrong shape: {other:?}"),
    }
    let wrong = Parcel::decode(&stored("Moved", "[1]"));
    assert!(matches!(
        wrong,
        Some(Err(DecodeError::Shape {
            event_type: "Moved",
            ..
        }))
    ));
}

#[test]
fn events_are_known_by_hand_and_by_themselves() {
    let mut by_hand = Registry::empty();
    by_hand.event::<Parcel>();
    by_hand.event::<Parcel>();
    let names: Vec<_> = by_hand.event_types().map(|known| known.name()).collect();
    assert_eq!(
        names,
        ["Delivered", "Moved", "Noted", "ParcelWeighed", "Sent"]
    );

    #[cfg(feature = "auto-register")]
    {
        let linked = Registry::linked();
        for name in names {
            let known = linked.event_type(name);
            assert_eq!(known.map(|known| known.name()), Some(name));
        }
    }
}

#[test]
fn events_are_values_that_threads_share() {
    #[derive(Event, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Hash)]
    #[event(name = "events.Hashed")]
    struct Hashed {
        order: u32,
    }
    fn shared<T: Send + Sync + 'static>(value: T) -> T {
        value
    }
    let one = shared(Hashed { order: 1 });
    let set =
        std::collections::HashSet::from([one.clone(), Hashed { order: 1 }, Hashed { order: 2 }]);
    assert_eq!(set.len(), 2);
    assert!(set.contains(&one));
}
