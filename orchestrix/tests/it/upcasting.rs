//! Old events, read through `#[upcast]`.

use orchestrix::message::DecodeError;
use orchestrix::prelude::*;
use orchestrix::registry::Registry;
use orchestrix::store::{EventData, Payload};
use orchestrix::upcast::UpcastError;
use serde_json::{Value, json};

// 1: pounds as text. 2: renamed and read as a number. 3: pence. 4: with a currency.
#[derive(Event, Serialize, Deserialize, Debug, PartialEq)]
#[event(name = "upcasting.Placed", schema_version = 4)]
struct Placed {
    pence: i64,
    currency: String,
}

#[derive(Event, Serialize, Deserialize)]
#[event(name = "upcasting.Placed", schema_version = 3)]
struct PlacedV3 {
    pence: i64,
}

#[upcast]
fn with_currency(old: PlacedV3) -> Placed {
    Placed {
        pence: old.pence,
        currency: "GBP".into(),
    }
}

#[upcast(event = PlacedV3, from = 2)]
fn in_pence(old: Value) -> Value {
    json!({ "pence": old["pounds"].as_i64().map(|pounds| pounds * 100) })
}

#[upcast(event = PlacedV3, from = 1)]
fn as_number(old: Value) -> Result<Value, std::num::ParseIntError> {
    let pounds: i64 = old["amount"].as_str().unwrap_or_default().parse()?;
    Ok(json!({ "pounds": pounds }))
}

#[derive(Event, Serialize, Deserialize, Debug, PartialEq)]
enum Parcel {
    #[event(name = "upcasting.Sent", schema_version = 3, upcast(named, in_grams))]
    Sent { to: String, grams: u32 },
    #[event(name = "upcasting.Lost")]
    Lost,
}

#[derive(Deserialize)]
struct SentV1(String);

#[derive(Serialize, Deserialize)]
struct SentV2 {
    to: String,
    kilos: u32,
}

fn named(SentV1(to): SentV1) -> SentV2 {
    SentV2 { to, kilos: 0 }
}

fn in_grams(mut old: Value) -> Value {
    if let Some(fields) = old.as_object_mut() {
        let kilos = fields.remove("kilos").and_then(|kilos| kilos.as_u64());
        fields.insert("grams".into(), json!(kilos.unwrap_or_default() * 1000));
    }
    old
}

fn stored(name: &str, schema_version: u32, body: Value) -> EventData {
    let payload = Payload::of(&body).expect("a value is JSON");
    EventData::new(name, schema_version, payload)
}

fn placed(schema_version: u32, body: Value) -> Result<Placed, DecodeError> {
    let event = stored("upcasting.Placed", schema_version, body);
    Placed::decode(&event).expect("the name is known")
}

#[test]
fn every_older_version_is_read() {
    for (schema_version, body) in [
        (1, json!({ "amount": "5" })),
        (2, json!({ "pounds": 5 })),
        (3, json!({ "pence": 500 })),
        (4, json!({ "pence": 500, "currency": "GBP" })),
    ] {
        let read = placed(schema_version, body).expect("there is a way up");
        let expected = Placed {
            pence: 500,
            currency: "GBP".into(),
        };
        assert_eq!(read, expected, "from schema version {schema_version}");
    }
}

#[test]
fn an_old_type_reads_its_own_past() {
    let event = stored("upcasting.Placed", 1, json!({ "amount": "5" }));
    let old = PlacedV3::decode(&event)
        .expect("the name is known")
        .expect("there is a way up");
    assert_eq!(old.pence, 500);
}

#[test]
fn a_refusal_says_which_step_failed_and_why() {
    match placed(1, json!({ "amount": "many" })) {
        Err(DecodeError::Upcast(error @ UpcastError::Failed { from: 1, to: 2, .. })) => {
            let text = orchestrix::error::chain(&error);
            assert!(text.contains("`upcasting.Placed`"), "{text}");
            assert!(text.ends_with("invalid digit found in string"), "{text}");
        }
        other => panic!("the first step did not refuse: {other:?}"),
    }
}

#[test]
fn an_old_body_that_does_not_fit_its_type_is_a_failed_step() {
    let error = placed(3, json!({ "pence": "five" })).expect_err("that is no number");
    assert!(matches!(
        error,
        DecodeError::Upcast(UpcastError::Failed { from: 3, to: 4, .. })
    ));
}

#[test]
fn a_newer_version_than_this_program_knows_is_refused() {
    let error = placed(5, json!({})).expect_err("nobody knows version 5");
    assert!(matches!(
        error,
        DecodeError::Upcast(UpcastError::Newer {
            stored: 5,
            current: 4,
            ..
        })
    ));
}

#[test]
fn variants_have_upcasters_of_their_own() {
    let expected = Parcel::Sent {
        to: "me".into(),
        grams: 2000,
    };
    let read = |schema_version, body| {
        let event = stored("upcasting.Sent", schema_version, body);
        Parcel::decode(&event)
            .expect("the name is known")
            .expect("there is a way up")
    };
    assert_eq!(read(3, json!({ "to": "me", "grams": 2000 })), expected);
    assert_eq!(read(2, json!({ "to": "me", "kilos": 2 })), expected);
    let nameless = Parcel::Sent {
        to: "me".into(),
        grams: 0,
    };
    assert_eq!(read(1, json!("me")), nameless);
    assert_eq!(Parcel::types()[1].chain().readable(), [1]);
}

#[test]
fn what_is_written_has_the_current_version() -> Result<(), serde_json::Error> {
    let event = Placed {
        pence: 5,
        currency: "EUR".into(),
    };
    assert_eq!(event.event_type().schema_version(), 4);
    assert_eq!(Placed::SCHEMA_VERSION, 4);
    assert_eq!(
        event.encode()?.as_json(),
        Some(r#"{"pence":5,"currency":"EUR"}"#)
    );
    Ok(())
}

#[test]
fn a_registry_knows_the_current_type_of_a_name() {
    let mut registry = Registry::empty();
    registry.event::<Placed>();
    registry.event::<PlacedV3>();
    registry
        .verify()
        .expect("an old type beside the new one is no clash");
    let current = registry
        .event_type("upcasting.Placed")
        .expect("it is registered");
    assert_eq!(current.schema_version(), 4);
    assert_eq!(current.chain().readable(), [1, 2, 3, 4]);
}
