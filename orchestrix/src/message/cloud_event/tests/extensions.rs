use super::*;

#[test]
fn values_are_strings_booleans_and_integers_of_32_bits() {
    let event = accept(json!({
        "a": "text", "b": true, "c": i32::MAX, "d": i32::MIN, "e": "", "0": 0,
    }));
    assert_eq!(event.extension("a"), Some(&"text".into()));
    assert_eq!(event.extension("b"), Some(&true.into()));
    assert_eq!(event.extension("c"), Some(&i32::MAX.into()));
    assert_eq!(event.extension("d"), Some(&i32::MIN.into()));
    assert_eq!(event.extension("e"), Some(&"".into()));
    assert_eq!(event.extension("f"), None);
    let names: Vec<_> = event.extensions().map(|(name, _)| name).collect();
    assert_eq!(names, ["0", "a", "b", "c", "d", "e"]);

    let refused = [
        json!(1.5),
        json!(1.0),
        json!(2_147_483_648_i64),
        json!(-2_147_483_649_i64),
        json!(u64::MAX),
        json!([1]),
        json!({"a": 1}),
        json!("a\u{7f}"),
    ];
    for value in refused {
        let error = refuse(json!({"extension": value}));
        assert_eq!(error.attribute(), Some("extension"), "{value}");
    }
    check_message(
        &refuse(json!({"extension": 1.5})),
        Some("extension"),
        "attribute `extension` is not a 32-bit integer, \
         expected a whole number from -2147483648 to 2147483647",
    );
}

#[test]
fn names_are_lower_case_letters_and_digits() {
    for name in [
        "",
        "Upper",
        "under_score",
        "dash-ed",
        "dot.ted",
        "ž",
        "a b",
        "DATA",
    ] {
        for value in [json!("text"), Value::Null] {
            let error = refuse(json!({name: value}));
            assert!(
                matches!(error, CloudEventError::IllegalName { .. }),
                "{error}"
            );
            assert_eq!(error.attribute(), Some(name));
        }
    }
    let error = refuse(json!({"A".repeat(1000): 1}));
    assert!(error.to_string().len() < 200, "{error}");
}

#[test]
fn known_ones_are_strings() {
    let names = [
        CloudEvent::CORRELATION_ID,
        CloudEvent::CAUSATION_ID,
        CloudEvent::TENANT_ID,
        CloudEvent::TRACEPARENT,
        CloudEvent::TRACESTATE,
    ];
    for name in names {
        check_message(
            &refuse(json!({name: 7})),
            Some(name),
            &format!("attribute `{name}` is a number, expected a string"),
        );
        check_message(
            &refuse(json!({name: false})),
            Some(name),
            &format!("attribute `{name}` is a boolean, expected a string"),
        );
    }
    let event = accept(json!({
        "correlationid": "chain", "causationid": "cause", "tenantid": "acme",
    }));
    assert_eq!(event.correlation_id(), Some("chain"));
    assert_eq!(event.causation_id(), Some("cause"));
    assert_eq!(event.tenant_id(), Some("acme"));
}

#[test]
fn trace_context_is_read_from_its_two_attributes() {
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    assert_eq!(accept(json!({})).trace_context(), Ok(None));

    let event = accept(json!({"traceparent": traceparent, "tracestate": "rojo=1"}));
    let context = event.trace_context().unwrap().unwrap();
    assert_eq!(context.traceparent(), traceparent);
    assert_eq!(context.state().get("rojo"), Some("1"));

    let malformed_state = accept(json!({"traceparent": traceparent, "tracestate": "A"}));
    assert_eq!(malformed_state.tracestate(), Some("A"));
    assert!(
        malformed_state
            .trace_context()
            .unwrap()
            .unwrap()
            .state()
            .is_empty()
    );

    let malformed = accept(json!({"traceparent": "00-1"}));
    assert_eq!(malformed.traceparent(), Some("00-1"));
    assert_eq!(
        malformed.trace_context(),
        Err(TraceContextError::TooShort { length: 4 })
    );
}
