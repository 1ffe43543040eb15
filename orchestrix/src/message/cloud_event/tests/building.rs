use super::*;

#[test]
fn id_and_time_have_defaults() {
    let before = Timestamp::now();
    let first = CloudEvent::new("/shop", "placed").unwrap();
    let second = CloudEvent::new("/shop", "placed").unwrap();
    let after = Timestamp::now();

    let id: uuid::Uuid = first.id().parse().unwrap();
    assert_eq!(id.get_version_num(), 7);
    assert_ne!(first.id(), second.id());
    assert!(first.time().unwrap().ends_with('Z'));
    let time = first.timestamp().unwrap();
    assert!(before <= time && time <= after, "{before} {time} {after}");
    assert_eq!(first.spec_version(), "1.0");
    assert_eq!((first.source(), first.event_type()), ("/shop", "placed"));
    assert_eq!(
        (first.subject(), first.data(), first.data_schema()),
        (None, None, None)
    );
}

#[test]
fn explicit_values_win() {
    let time = Timestamp::from_second(1_522_949_460).unwrap();
    let event = CloudEvent::builder("/shop", "placed")
        .with_id("own")
        .with_time(time)
        .build()
        .unwrap();
    assert_eq!(event.id(), "own");
    assert_eq!(event.time(), Some("2018-04-05T17:31:00Z"));
    let timeless = event.into_builder().without_time().build().unwrap();
    assert_eq!((timeless.time(), timeless.timestamp()), (None, None));
}

#[test]
fn reading_gives_no_defaults() {
    assert_eq!(accept(json!({})).time(), None);
}

#[test]
fn a_builder_made_from_an_event_rebuilds_it() {
    let minimal = accept(json!({}));
    let full = accept(json!({
        "subject": "s", "time": "2018-04-05T17:31:00.0+00:00", "datacontenttype": "a/b",
        "dataschema": "urn:s", "extension": 1, "data_base64": "TWE=",
    }));
    for event in [minimal, full] {
        assert_eq!(event.clone().into_builder().build().unwrap(), event);
    }
}

#[test]
fn names_of_the_specification_are_no_extensions() {
    for name in validate::CORE_NAMES {
        let built = CloudEvent::builder("/a", "b")
            .with_extension(name, "x")
            .build();
        let error = built.unwrap_err();
        assert!(
            matches!(error, CloudEventError::ReservedName { .. }),
            "{error}"
        );
        assert_eq!(error.attribute(), Some(name));
    }
    let error = CloudEvent::builder("/a", "b")
        .with_extension("data_base64", "x")
        .build();
    assert!(matches!(error, Err(CloudEventError::IllegalName { .. })));
}

#[test]
fn built_events_obey_the_same_rules_as_read_ones() {
    let refused = [
        ("source", CloudEvent::new("", "b")),
        ("type", CloudEvent::new("/a", "")),
        ("id", CloudEvent::builder("/a", "b").with_id("").build()),
        (
            "subject",
            CloudEvent::builder("/a", "b").with_subject("\n").build(),
        ),
        (
            "time",
            CloudEvent::builder("/a", "b").with_time_text("now").build(),
        ),
        (
            "time",
            CloudEvent::builder("/a", "b")
                .with_time(Timestamp::MIN)
                .build(),
        ),
        (
            "dataschema",
            CloudEvent::builder("/a", "b").with_data_schema("s").build(),
        ),
        (
            "datacontenttype",
            CloudEvent::builder("/a", "b")
                .with_data_content_type("t")
                .build(),
        ),
        (
            "tenantid",
            CloudEvent::builder("/a", "b").with_tenant_id("").build(),
        ),
        (
            "causationid",
            CloudEvent::builder("/a", "b")
                .with_extension("causationid", 1)
                .build(),
        ),
    ];
    for (attribute, built) in refused {
        assert_eq!(built.unwrap_err().attribute(), Some(attribute));
    }
}

#[test]
fn trace_context_is_replaced_as_a_whole() {
    let bare: TraceContext = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        .parse()
        .unwrap();
    let full = bare.clone().with_state("rojo=1".parse().unwrap());
    let event = CloudEvent::builder("/a", "b")
        .with_trace_context(&full)
        .build()
        .unwrap();
    assert_eq!(event.trace_context(), Ok(Some(full)));
    assert_eq!(event.tracestate(), Some("rojo=1"));
    let event = event
        .into_builder()
        .with_trace_context(&bare)
        .build()
        .unwrap();
    assert_eq!(event.trace_context(), Ok(Some(bare)));
    assert_eq!(event.tracestate(), None);
}

#[test]
fn ids_of_the_chain_are_extension_attributes() {
    let event = CloudEvent::builder("/a", "b")
        .with_correlation_id("chain")
        .with_causation_id("cause")
        .with_tenant_id("acme")
        .with_binary_data(vec![1, 2])
        .build()
        .unwrap();
    let names: Vec<_> = event.extensions().map(|(name, _)| name).collect();
    assert_eq!(names, ["causationid", "correlationid", "tenantid"]);
    assert_eq!(event.correlation_id(), Some("chain"));
    assert_eq!(event.causation_id(), Some("cause"));
    assert_eq!(event.tenant_id(), Some("acme"));
}

#[test]
fn equal_events_hash_alike_and_cross_threads() {
    fn shareable<T: Send + Sync + 'static>() {}
    shareable::<CloudEvent>();
    shareable::<CloudEventError>();
    let event = accept(json!({"data": {"a": 1.5}}));
    let set = std::collections::HashSet::from([event.clone(), event.clone()]);
    assert_eq!(set.len(), 1);
    assert!(set.contains(&event));
}
