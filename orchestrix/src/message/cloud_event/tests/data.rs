use super::*;

#[track_caller]
fn check(members: Value, expected: Option<CloudEventData>) {
    let event = accept(members);
    assert_eq!(event.data(), expected.as_ref());
    assert_eq!(
        CloudEvent::from_json(event.to_json().as_bytes()).unwrap(),
        event
    );
}

fn binary(bytes: &'static [u8]) -> Option<CloudEventData> {
    Some(CloudEventData::Binary(Bytes::from_static(bytes)))
}

#[test]
fn json_and_base64_are_told_apart() {
    check(json!({}), None);
    for value in [
        json!({"a": [1, 1.5, null]}),
        json!("text"),
        json!(false),
        json!(0),
    ] {
        check(json!({"data": value}), Some(CloudEventData::Json(value)));
    }
    check(json!({"data_base64": "TWE="}), binary(b"Ma"));
    check(json!({"data_base64": "AP/+"}), binary(&[0, 255, 254]));
    check(json!({"data_base64": ""}), binary(b""));
}

#[test]
fn null_is_data_unless_base64_is_there() {
    check(
        json!({"data": null}),
        Some(CloudEventData::Json(Value::Null)),
    );
    check(json!({"data_base64": null}), None);
    check(
        json!({"data": 1, "data_base64": null}),
        Some(CloudEventData::Json(json!(1))),
    );
    check(json!({"data": null, "data_base64": "TWE="}), binary(b"Ma"));
}

#[test]
fn both_members_or_malformed_base64_are_refused() {
    let both = refuse(json!({"data": 1, "data_base64": "TWE="}));
    assert!(matches!(both, CloudEventError::BothDataMembers), "{both}");
    assert_eq!(both.attribute(), None);
    for value in [
        json!("TWE"),
        json!("T W E ="),
        json!("TWE-"),
        json!("TWF="),
        json!(1),
    ] {
        let error = refuse(json!({"data_base64": value}));
        assert_eq!(error.attribute(), Some("data_base64"), "{value}");
    }
}
