//! CloudEvents against the specification's conformance data and examples.

use std::path::Path;

use orchestrix::message::{CloudEvent, CloudEventError};
use serde_json::Value;

/// The parsed file of the data folder, `None` with a visible line where the folder is missing.
fn data_file(name: &str) -> Option<Value> {
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/data/cloudevents"
    ));
    if !folder.is_dir() {
        eprintln!("SKIP {name}: no data folder");
        return None;
    }
    let bytes = std::fs::read(folder.join(name)).unwrap();
    Some(serde_json::from_slice(&bytes).unwrap())
}

/// The cases of a conformance file as pairs of id and the JSON under `key`; empty only where
/// the data folder is missing.
fn conformance_cases(file: &str, key: &str) -> Vec<(String, Value)> {
    let Some(document) = data_file(file) else {
        return Vec::new();
    };
    let cases: Vec<_> = document["tests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| {
            let id = case["id"].as_str().unwrap().to_owned();
            (id, case.get(key).unwrap().clone())
        })
        .collect();
    assert!(!cases.is_empty(), "{file} has no cases");
    cases
}

/// Both ways of reading agree, and what is written has the same members, strings byte for byte.
#[track_caller]
fn check_round_trip(id: &str, json: &Value) -> CloudEvent {
    let event = CloudEvent::from_json(json.to_string().as_bytes())
        .unwrap_or_else(|error| panic!("{id}: {error}"));
    assert_eq!(
        CloudEvent::from_json_value(json.clone()).unwrap(),
        event,
        "{id}"
    );
    let written: Value = serde_json::from_str(&event.to_json()).unwrap();
    assert_eq!(written, without_nulls(json), "{id}");
    let again = CloudEvent::from_json(event.to_json().as_bytes()).unwrap();
    assert_eq!(again, event, "{id}");
    assert_eq!(event.clone().into_builder().build().unwrap(), event, "{id}");
    event
}

/// The event without attributes which are `null`: these are the same as absent ones.
fn without_nulls(event: &Value) -> Value {
    let members = event.as_object().unwrap().iter();
    members
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[track_caller]
fn check_batch(id: &str, json: &Value) {
    let events = CloudEvent::batch_from_json(json.to_string().as_bytes())
        .unwrap_or_else(|error| panic!("{id}: {error}"));
    assert_eq!(
        CloudEvent::batch_from_json_value(json.clone()).unwrap(),
        events,
        "{id}"
    );
    let written: Value = serde_json::from_str(&CloudEvent::batch_to_json(&events)).unwrap();
    let expected: Value = json.as_array().unwrap().iter().map(without_nulls).collect();
    assert_eq!(written, expected, "{id}");
}

#[test]
fn valid_events_are_accepted_and_round_trip() {
    for (id, json) in conformance_cases("conformance-json-valid-events.json", "event") {
        check_round_trip(&id, &json);
    }
}

#[test]
fn valid_batches_are_accepted_and_round_trip() {
    for (id, json) in conformance_cases("conformance-json-valid-batches.json", "batch") {
        check_batch(&id, &json);
    }
}

/// The instant is the same in every notation that the conformance data uses for it.
#[test]
fn times_with_different_offsets_name_the_same_instant() {
    let mut seen = 0;
    for (id, json) in conformance_cases("conformance-json-valid-events.json", "event") {
        let event = CloudEvent::from_json_value(json.clone()).unwrap();
        assert_eq!(event.time(), json["time"].as_str(), "{id}");
        if let Some(timestamp) = event.timestamp() {
            assert_eq!(timestamp.to_string(), "2018-04-05T17:31:00Z", "{id}");
            seen += 1;
        }
    }
    assert!(seen == 0 || seen == 5, "{seen} events with a time");
}

#[test]
fn invalid_events_are_refused_for_the_attribute_which_is_wrong() {
    let attribute_of = |id: &str| match id {
        "invalidNoSpecVersion" | "invalidEmptySpecVersion" | "invalidUnknownSpecVersion" => {
            Some("specversion")
        }
        "invalidNoId" | "invalidEmptyId" | "invalidNumericId" | "invalidObjectId" => Some("id"),
        "invalidNoType" | "invalidEmptyType" => Some("type"),
        "invalidNoSource" | "invalidEmptySource" => Some("source"),
        "invalidNonRfc2046DataContentType" | "invalidEmptyDataContentType" => {
            Some("datacontenttype")
        }
        "invalidEmptyDataSchema" => Some("dataschema"),
        "invalidEmptySubject" => Some("subject"),
        "invalidCapitalizedExtension" => Some("MyExtension"),
        "invalidPunctuatedExtension" | "invalidNonIntegerExtensionValue" => Some("my.extension"),
        "invalidBothDataAndDataBase64" => None,
        time if time.starts_with("invalidTime") => Some("time"),
        other => panic!("which attribute is wrong in {other}?"),
    };
    for (id, json) in conformance_cases("conformance-json-invalid-events.json", "event") {
        let expected = attribute_of(&id);
        let from_text = CloudEvent::from_json(json.to_string().as_bytes());
        let from_value = CloudEvent::from_json_value(json);
        for result in [from_text, from_value] {
            let error = result.expect_err(&id);
            assert_eq!(error.attribute(), expected, "{id}: {error}");
        }
    }
}

#[test]
fn invalid_batches_are_refused_at_the_event_which_is_wrong() {
    for (id, json) in conformance_cases("conformance-json-invalid-batches.json", "batch") {
        let expected = match id.as_str() {
            "invalidBatchMixedSpecVersions" => (Some(1), Some("specversion")),
            "invalidBatchContainingInvalidCloudEvent" => (Some(0), Some("id")),
            "invalidBatchContainingNonObject" => (Some(0), None),
            other => panic!("what is wrong in {other}?"),
        };
        let error = CloudEvent::batch_from_json(json.to_string().as_bytes()).expect_err(&id);
        assert_eq!(
            (error.batch_index(), error.attribute()),
            expected,
            "{id}: {error}"
        );
    }
}

#[test]
fn examples_of_the_specification_round_trip() {
    let Some(examples) = data_file("spec-json-examples.json") else {
        return;
    };
    let (mut events, mut batches) = (0, 0);
    for example in examples.as_array().unwrap() {
        let file = example["file"].as_str().unwrap();
        let json = &example["json"];
        if file.ends_with("avro-format.md") {
            // These are Avro schemas, not events.
            assert!(CloudEvent::from_json_value(json.clone()).is_err());
            assert!(CloudEvent::batch_from_json_value(json.clone()).is_err());
        } else if json.is_array() {
            check_batch(file, &with_real_base64(json));
            batches += 1;
        } else {
            check_round_trip(file, &with_real_base64(json));
            events += 1;
        }
    }
    assert_eq!((events, batches), (17, 2));
}

/// Puts Base64 where the specification's prose has only a description of it; the description
/// itself has to be refused.
fn with_real_base64(json: &Value) -> Value {
    const DESCRIPTION: &str = "... base64 encoded string ...";

    let mut json = json.clone();
    let events: Vec<&mut Value> = match &mut json {
        Value::Array(events) => events.iter_mut().collect(),
        event => vec![event],
    };
    for event in events {
        if event["data_base64"] == DESCRIPTION {
            let error = CloudEvent::from_json_value(event.clone()).unwrap_err();
            assert!(matches!(error, CloudEventError::Invalid { .. }), "{error}");
            assert_eq!(error.attribute(), Some("data_base64"));
            event["data_base64"] = "TWFu".into();
        } else if event["data_base64"].is_null() {
            // Indexing has put a null there.
            event.as_object_mut().unwrap().remove("data_base64");
        }
    }
    json
}

#[test]
fn correlation_examples_hold_one_chain() {
    let Some(examples) = data_file("spec-json-examples.json") else {
        return;
    };
    let chain: Vec<CloudEvent> = examples
        .as_array()
        .unwrap()
        .iter()
        .filter(|example| {
            example["file"]
                .as_str()
                .unwrap()
                .ends_with("correlation.md")
        })
        .map(|example| CloudEvent::from_json_value(example["json"].clone()).unwrap())
        .collect();
    assert_eq!(chain.len(), 8);
    for event in &chain {
        assert_eq!(
            event.correlation_id(),
            Some("txn-abc-123"),
            "{}",
            event.id()
        );
        match event.causation_id() {
            Some(cause) => assert!(chain.iter().any(|other| other.id() == cause), "{cause}"),
            None => assert_eq!(event.id(), "order-123"),
        }
    }
}
