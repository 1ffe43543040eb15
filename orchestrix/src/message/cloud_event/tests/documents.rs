use std::error::Error as _;

use super::*;

#[test]
fn members_may_not_repeat() {
    let repeated = [
        ("id", r#","id":"2""#),
        ("extension", r#","extension":1,"extension":1"#),
        ("data", r#","data":1,"data":2"#),
        ("subject", r#","subject":null,"subject":"a""#),
    ];
    for (name, members) in repeated {
        let json = format!(r#"{{"specversion":"1.0","id":"1","source":"/a","type":"b"{members}}}"#);
        let error = CloudEvent::from_json(json.as_bytes()).unwrap_err();
        assert!(matches!(error, CloudEventError::Repeated { .. }), "{error}");
        assert_eq!(error.attribute(), Some(name));
    }
}

#[test]
fn text_which_is_not_json_is_refused_with_its_cause() {
    let deep = "[".repeat(100_000);
    let deep_data = format!(r#"{{"data":{deep}"#);
    let texts: [&[u8]; 8] = [
        b"",
        b"{",
        b"{} {}",
        b"{\"id\":1e400}",
        b"{\"id\":\"\\ud800\"}",
        b"{\"id\":\"\xff\"}",
        deep.as_bytes(),
        deep_data.as_bytes(),
    ];
    for text in texts {
        for error in [
            CloudEvent::from_json(text).unwrap_err(),
            CloudEvent::batch_from_json(text).unwrap_err(),
        ] {
            assert!(matches!(error, CloudEventError::Json { .. }), "{error}");
            assert!(error.source().is_some());
        }
    }
}

#[test]
fn an_event_is_an_object_and_a_batch_an_array() {
    let others = [
        ("null", "null"),
        ("true", "a boolean"),
        ("-1", "a number"),
        ("1", "a number"),
        ("1.5", "a number"),
        ("\"a\\n\"", "a string"),
    ];
    let check_event = |text: &str, kind: &str| {
        let message =
            format!("expected a JSON object with the attributes of an event, found {kind}");
        let error = CloudEvent::from_json(text.as_bytes()).unwrap_err();
        check_message(&error, None, &message);
        let value = serde_json::from_str(text).unwrap();
        check_message(
            &CloudEvent::from_json_value(value).unwrap_err(),
            None,
            &message,
        );
    };
    let check_batch = |text: &str, kind: &str| {
        let message = format!("expected a JSON array of events, found {kind}");
        let error = CloudEvent::batch_from_json(text.as_bytes()).unwrap_err();
        check_message(&error, None, &message);
        let value = serde_json::from_str(text).unwrap();
        let error = CloudEvent::batch_from_json_value(value).unwrap_err();
        check_message(&error, None, &message);
    };
    for (text, kind) in others {
        check_event(text, kind);
        check_batch(text, kind);
    }
    check_event("[{}]", "an array");
    check_batch("{}", "an object");
}

#[test]
fn a_batch_names_the_event_it_is_refused_for() {
    let good = event_json(json!({}));
    let bad = event_json(json!({"id": ""}));
    let batch = json!([good, good, bad, 1]).to_string();
    let error = CloudEvent::batch_from_json(batch.as_bytes()).unwrap_err();
    assert_eq!(error.batch_index(), Some(2));
    check_message(
        &error,
        Some("id"),
        "the event at index 2 of the batch is refused",
    );
    assert_eq!(
        error.source().unwrap().to_string(),
        "attribute `id` is empty, expected a non-empty string without control characters"
    );
    assert_eq!(refuse(json!({"id": ""})).batch_index(), None);
}

#[test]
fn batches_round_trip() {
    let events = [
        accept(json!({"data": 1})),
        accept(json!({"data_base64": "TWE="})),
    ];
    let json = CloudEvent::batch_to_json(&events);
    assert_eq!(
        CloudEvent::batch_from_json(json.as_bytes()).unwrap(),
        events
    );
    assert_eq!(CloudEvent::batch_to_json(&[]), "[]");
    assert_eq!(CloudEvent::batch_from_json(b" [ ] ").unwrap(), []);
}

#[test]
fn members_are_written_in_a_fixed_order() {
    let event = CloudEvent::builder("/a", "b")
        .with_json_data(json!({"k": 1}))
        .with_extension("z", true)
        .with_extension("a", -1)
        .with_data_schema("urn:s")
        .with_data_content_type("application/json")
        .with_time_text("2018-04-05T17:31:00.000Z")
        .with_subject("s")
        .with_id("1")
        .build()
        .unwrap();
    let expected = concat!(
        r#"{"specversion":"1.0","id":"1","source":"/a","type":"b","subject":"s","#,
        r#""time":"2018-04-05T17:31:00.000Z","datacontenttype":"application/json","#,
        r#""dataschema":"urn:s","a":-1,"z":true,"data":{"k":1}}"#,
    );
    assert_eq!(event.to_json(), expected);
}

#[test]
fn serde_reads_and_writes_the_same_form() {
    let event = accept(json!({"subject": "s", "data": [1]}));
    assert_eq!(serde_json::to_string(&event).unwrap(), event.to_json());
    let text = event.to_json();
    assert_eq!(serde_json::from_str::<CloudEvent>(&text).unwrap(), event);
    assert!(serde_json::from_str::<CloudEvent>("{}").is_err());
}
