mod attributes;
mod building;
mod data;
mod documents;
mod extensions;
mod time;

use serde_json::{Value, json};

use super::*;

/// The JSON of an otherwise minimal event with these members added or replaced.
fn event_json(members: Value) -> Value {
    let mut event = json!({
        "specversion": "1.0",
        "id": "1",
        "source": "/shop",
        "type": "placed",
    });
    for (name, value) in members.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

#[track_caller]
fn accept(members: Value) -> CloudEvent {
    CloudEvent::from_json_value(event_json(members)).unwrap()
}

#[track_caller]
fn refuse(members: Value) -> CloudEventError {
    CloudEvent::from_json_value(event_json(members)).unwrap_err()
}

#[track_caller]
fn check_message(error: &CloudEventError, attribute: Option<&str>, message: &str) {
    assert_eq!(error.attribute(), attribute);
    assert_eq!(error.to_string(), message);
}
