use super::*;

#[test]
fn required_ones_may_not_be_missing_null_or_of_another_kind() {
    for attribute in ["specversion", "id", "source", "type"] {
        let mut without = event_json(json!({}));
        without.as_object_mut().unwrap().remove(attribute);
        let missing = CloudEvent::from_json_value(without).unwrap_err();
        assert!(
            matches!(missing, CloudEventError::Missing { attribute: name, .. } if name == attribute),
            "{missing}"
        );
        let null = refuse(json!({attribute: null}));
        assert!(matches!(null, CloudEventError::Missing { .. }), "{null}");
        let number = refuse(json!({attribute: 1}));
        assert!(
            matches!(
                number,
                CloudEventError::WrongKind {
                    found: "a number",
                    ..
                }
            ),
            "{number}"
        );
        assert_eq!(number.attribute(), Some(attribute));
    }
    check_message(
        &refuse(json!({"id": null})),
        Some("id"),
        "attribute `id` is missing, expected a non-empty string",
    );
}

#[test]
fn no_string_may_be_empty_or_hold_control_characters() {
    let attributes = [
        "id",
        "source",
        "type",
        "subject",
        "time",
        "datacontenttype",
        "dataschema",
        "correlationid",
        "causationid",
        "tenantid",
    ];
    for attribute in attributes {
        for text in ["", "a\u{0}b", "a\nb", "\u{85}", "\u{fdd0}", "\u{1ffff}"] {
            let error = refuse(json!({attribute: text}));
            assert!(matches!(error, CloudEventError::Invalid { .. }), "{error}");
            assert_eq!(error.attribute(), Some(attribute));
        }
    }
    assert_eq!(
        accept(json!({"subject": "žluť 🦀 <&>"})).subject(),
        Some("žluť 🦀 <&>")
    );
}

#[test]
fn specversion_is_one_point_zero() {
    check_message(
        &refuse(json!({"specversion": "1.1"})),
        Some("specversion"),
        "attribute `specversion` is \"1.1\", expected \"1.0\"",
    );
    let error = refuse(json!({"specversion": "9".repeat(1000)}));
    assert!(error.to_string().len() < 200, "{error}");
}

#[test]
fn optional_ones_may_be_null() {
    let event = accept(json!({
        "subject": null, "time": null, "datacontenttype": null, "dataschema": null,
        "extension": null,
    }));
    assert_eq!(event, accept(json!({})));
    assert_eq!(event.extensions().count(), 0);
}

#[test]
fn source_is_a_uri_reference() {
    let accepted = [
        "/",
        "#fragment",
        "?query",
        "//authority/path",
        "a",
        "1-555-123-4567",
        "./1:2",
        "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66",
        "mailto:a@example.com",
        "https://user@[::1]:8080/a%20b;c=d/?q=(1)&r='!'#f",
    ];
    for source in accepted {
        assert_eq!(accept(json!({"source": source})).source(), source);
    }
    let refused = [
        " ", "/a b", "/ž", "/<a>", "/a\\b", "/100%", "/%2", "/%zz", "/%é", "#a#b", "1:2", ":a",
    ];
    for source in refused {
        assert_eq!(
            refuse(json!({"source": source})).attribute(),
            Some("source"),
            "{source}"
        );
    }
}

#[test]
fn dataschema_is_an_absolute_uri() {
    for uri in ["https://example.com/schema#order", "urn:a:b", "x-1+2.3:"] {
        assert_eq!(accept(json!({"dataschema": uri})).data_schema(), Some(uri));
    }
    for uri in [
        "/schema",
        "//example.com/schema",
        "schema",
        "#a:b",
        "1a:b",
        "a:b c",
    ] {
        assert_eq!(
            refuse(json!({"dataschema": uri})).attribute(),
            Some("dataschema"),
            "{uri}"
        );
    }
    check_message(
        &refuse(json!({"dataschema": "/schema"})),
        Some("dataschema"),
        "attribute `dataschema` has no scheme, expected a URI of RFC 3986 with its scheme",
    );
}

#[test]
fn datacontenttype_is_a_media_type() {
    let accepted = [
        "application/json",
        "application/vnd.example+json;v=1",
        "text/plain; charset=utf-8",
        "text/plain ;charset=\"utf-8\" ; format=flowed",
        "text/plain;",
        "text/plain;;a=b",
        "multipart/mixed; boundary=\"a;\\\"=b\"",
    ];
    for text in accepted {
        assert_eq!(
            accept(json!({"datacontenttype": text})).data_content_type(),
            Some(text)
        );
    }
    let refused = [
        "json",
        "/json",
        "text/",
        "text/plain/x",
        "te xt/plain",
        " text/plain",
        "text/plain; charset",
        "text/plain; charset=",
        "text/plain; =utf-8",
        "text/plain; charset=\"utf-8",
        "text/plain; a=b c=d",
        "text/plain; a=\"b\"c",
        "text/plain, text/html",
    ];
    for text in refused {
        let error = refuse(json!({"datacontenttype": text}));
        assert_eq!(error.attribute(), Some("datacontenttype"), "{text}");
    }
}
