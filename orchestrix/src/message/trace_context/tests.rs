use super::*;

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn context(traceparent: &str) -> TraceContext {
    TraceContext::parse(traceparent).unwrap()
}

#[test]
fn traceparent_fields_are_read_and_written() {
    let context = context(TRACEPARENT);
    assert_eq!(
        context.trace_id().to_string(),
        "0af7651916cd43dd8448eb211c80319c"
    );
    assert_eq!(context.parent_id().to_string(), "b7ad6b7169203331");
    assert!(context.flags().is_sampled());
    assert!(!context.flags().is_random());
    assert_eq!(context.traceparent(), TRACEPARENT);
    assert_eq!(context.tracestate(), None);
}

#[test]
fn ids_convert_to_bytes_and_back() {
    let id: SpanId = "00f067aa0ba902b7".parse().unwrap();
    assert_eq!(
        id.to_bytes(),
        [0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7]
    );
    assert_eq!(SpanId::from_bytes(id.to_bytes()), Ok(id));
    assert_eq!(format!("{id:?}"), "SpanId(00f067aa0ba902b7)");
    assert_eq!(
        TraceId::from_bytes([0; 16]),
        Err(TraceContextError::AllZero { field: "trace-id" })
    );
}

#[test]
fn malformed_traceparents_are_refused_with_their_reason() {
    #[track_caller]
    fn check(traceparent: &str, expected: TraceContextError) {
        assert_eq!(TraceContext::parse(traceparent), Err(expected));
    }

    use TraceContextError::*;
    check("", TooShort { length: 0 });
    check(&TRACEPARENT[..54], TooShort { length: 54 });
    check(
        "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        MissingDelimiter { offset: 2 },
    );
    check(
        "00-0af7651916cd43dd8448eb211c80319c0-b7ad6b716920333-01",
        MissingDelimiter { offset: 35 },
    );
    check(
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b71692033310-1",
        MissingDelimiter { offset: 52 },
    );
    // Letters are lower case, and no byte of a multi-byte character passes for a digit.
    let malformed = |field, digits| NotLowerHex { field, digits };
    check(
        "0A-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        malformed("version", 2),
    );
    check(
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        malformed("trace-id", 32),
    );
    check(
        "00-0af7651916cd43dd8448eb211c80319c-B7AD6B7169203331-01",
        malformed("parent-id", 16),
    );
    check(
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-é",
        malformed("trace-flags", 2),
    );
    check(
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        AllZero { field: "trace-id" },
    );
    check(
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        AllZero { field: "parent-id" },
    );
    check(
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ForbiddenVersion,
    );
    check(
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        TrailingCharacters { version: 0 },
    );
    check(
        "0c-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
        TrailingCharacters { version: 12 },
    );
}

#[test]
fn later_versions_are_written_as_version_zero() {
    let received = context("0c-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more");
    assert_eq!(received, context(TRACEPARENT));
    assert_eq!(received.traceparent(), TRACEPARENT);
}

#[test]
fn undefined_flags_are_dropped() {
    let flags = context("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff").flags();
    assert_eq!(flags, TraceFlags::SAMPLED.union(TraceFlags::RANDOM));
    assert_eq!(flags.to_byte(), 3);
    assert_eq!(TraceFlags::from_byte(0xfc), TraceFlags::NONE);
}

#[test]
fn child_keeps_all_but_the_parent() {
    let state = TraceState::parse("rojo=00f067aa0ba902b7").unwrap();
    let parent = context(TRACEPARENT).with_state(state);
    let span: SpanId = "00f067aa0ba902b7".parse().unwrap();
    let child = parent.child(span);
    assert_eq!(child.parent_id(), span);
    assert_eq!(child.trace_id(), parent.trace_id());
    assert_eq!(child.flags(), parent.flags());
    assert_eq!(child.state(), parent.state());
}

#[test]
fn headers_without_traceparent_have_no_context() {
    let headers = [("tracestate", "rojo=1"), ("trace-parent", TRACEPARENT)];
    assert_eq!(TraceContext::from_headers(headers), Ok(None));
}

#[test]
fn repeated_traceparent_is_refused_even_when_equal() {
    let headers = [("traceparent", TRACEPARENT), ("Traceparent", TRACEPARENT)];
    assert_eq!(
        TraceContext::from_headers(headers),
        Err(TraceContextError::RepeatedTraceparent)
    );
}

#[test]
fn malformed_tracestate_costs_only_the_state() {
    let headers = [
        ("traceparent", TRACEPARENT),
        ("tracestate", "rojo=1"),
        ("tracestate", "UPPER=1"),
    ];
    let received = TraceContext::from_headers(headers).unwrap().unwrap();
    assert_eq!(received, context(TRACEPARENT));
}

#[test]
fn tracestate_keeps_order_and_the_first_of_equal_keys() {
    let state = TraceState::parse_all(["b=1, \t,a= 2 ", "", "b=3,c@d=4"]).unwrap();
    assert_eq!(state.to_string(), "b=1,a= 2,c@d=4");
    assert_eq!(state.get("a"), Some(" 2"));
    assert_eq!(state.get("d"), None);
    assert_eq!(state.len(), 3);
}

#[test]
fn malformed_tracestates_are_refused_with_their_reason() {
    #[track_caller]
    fn check(tracestate: &str, expected: TraceContextError) {
        assert_eq!(TraceState::parse(tracestate), Err(expected));
    }

    use TraceContextError::*;
    let long_key = format!("{}=1", "k".repeat(257));
    let long_value = format!("k={}", "v".repeat(257));
    check("a=1,b", MissingValue { member: 1 });
    check("=1", IllegalKey { member: 0 });
    check("_a=1", IllegalKey { member: 0 });
    check("a=1,,é=1", IllegalKey { member: 1 });
    check(&long_key, IllegalKey { member: 0 });
    check("a=", IllegalValue { member: 0 });
    check("a=1\t2", IllegalValue { member: 0 });
    check("a=é", IllegalValue { member: 0 });
    check(&long_value, IllegalValue { member: 0 });
    check(&["a=1"; 33].join(","), TooManyMembers { limit: 32 });

    let longest = format!("{}={}", "k".repeat(256), "v".repeat(256));
    assert_eq!(TraceState::parse(&longest).unwrap().to_string(), longest);
}

#[test]
fn written_member_moves_to_the_front_and_pushes_out_the_last() {
    let all: Vec<String> = (0..32).map(|index| format!("k{index}=0")).collect();
    let full = TraceState::parse(&all.join(",")).unwrap();

    let updated = full.clone().with_member("k7", "1").unwrap();
    assert_eq!(updated.len(), 32);
    assert_eq!(updated.iter().next(), Some(("k7", "1")));
    assert_eq!(updated.get("k31"), Some("0"));

    let added = full.with_member("new", "1").unwrap();
    assert_eq!(added.len(), 32);
    assert_eq!(added.iter().next(), Some(("new", "1")));
    assert_eq!(added.get("k31"), None);

    assert_eq!(
        added.clone().with_member("k", "ends with "),
        Err(TraceContextError::IllegalValue { member: 0 })
    );
}

#[test]
fn limit_drops_large_members_first_and_then_from_the_end() {
    let large = "v".repeat(127);
    let state = TraceState::parse(&format!("a={large},b=1,c=2")).unwrap();
    assert_eq!(state.clone().limited_to(137), state);
    assert_eq!(state.clone().limited_to(136).to_string(), "b=1,c=2");
    assert_eq!(state.clone().limited_to(6).to_string(), "b=1");
    assert!(state.limited_to(0).is_empty());
}

#[test]
fn serde_form_is_a_map_of_strings() {
    let bare = context(TRACEPARENT);
    let json = serde_json::to_value(&bare).unwrap();
    assert_eq!(json, serde_json::json!({"traceparent": TRACEPARENT}));
    assert_eq!(serde_json::from_value::<TraceContext>(json).unwrap(), bare);

    let full = bare.with_state(TraceState::parse("rojo=1,congo=2").unwrap());
    let json = serde_json::to_value(&full).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"traceparent": TRACEPARENT, "tracestate": "rojo=1,congo=2"})
    );
    assert_eq!(serde_json::from_value::<TraceContext>(json).unwrap(), full);

    let span: SpanId = serde_json::from_str("\"b7ad6b7169203331\"").unwrap();
    assert_eq!(span, full.parent_id());
    assert_eq!(
        serde_json::to_string(full.state()).unwrap(),
        "\"rojo=1,congo=2\""
    );
}

#[test]
fn serde_refuses_what_parsing_refuses() {
    let refused = [
        serde_json::json!({"traceparent": "00-00"}),
        serde_json::json!({"traceparent": TRACEPARENT, "tracestate": "UPPER=1"}),
        serde_json::json!({"tracestate": "rojo=1"}),
        serde_json::json!(TRACEPARENT),
    ];
    for json in refused {
        assert!(
            serde_json::from_value::<TraceContext>(json.clone()).is_err(),
            "{json}"
        );
    }
}
