//! Stored events as CloudEvents, and back.

use orchestrix::message::{
    CausationId, CloudEvent, CloudEventError, CorrelationId, ExtensionValue, MessageId, Metadata,
};
use orchestrix::store::{
    EventData, GlobalPosition, Payload, RecordedEvent, StreamId, StreamVersion, TenantId,
};
use serde_json::json;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn recorded() -> Result<RecordedEvent, Box<dyn std::error::Error>> {
    let first = MessageId::new();
    let mut metadata = Metadata::begin(first)
        .caused_by(first)
        .with("channel", "web")
        .with("Not A Name", "kept")
        .with("empty", "");
    metadata.actor = Some("ada".into());
    metadata.trace = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse()?);
    let data = EventData::new("OrderPlaced", 2, Payload::of(&json!({ "pence": 5 }))?)
        .with_metadata(metadata)
        .with_occurred_at("2026-01-31T12:00:00.123456Z".parse()?);
    let stream = StreamId::new("order", "7-ü")?.with_tenant(TenantId::new("acme")?);
    Ok(RecordedEvent::new(
        GlobalPosition::new(9),
        stream,
        StreamVersion::new(3),
        data,
    ))
}

#[test]
fn a_stored_event_goes_there_and_back() -> Outcome {
    let event = recorded()?;
    let cloud = CloudEvent::from_recorded(&event, "/shop")?;
    assert_eq!(cloud.id(), event.event_id().to_string());
    assert_eq!(cloud.event_type(), "OrderPlaced");
    assert_eq!(cloud.subject(), Some("order-7-ü"));
    assert_eq!(cloud.tenant_id(), Some("acme"));
    assert_eq!(cloud.time(), Some("2026-01-31T12:00:00.123456Z"));
    assert_eq!(
        cloud.extension("channel"),
        Some(&ExtensionValue::from("web"))
    );
    let received = CloudEvent::from_json(cloud.to_json().as_bytes())?;
    assert_eq!(received, cloud);
    assert_eq!(received.to_event_data()?, event.data);
    Ok(())
}

#[test]
fn a_foreign_event_gets_the_same_ids_each_time() -> Outcome {
    let foreign = CloudEvent::builder("/legacy", "Sold")
        .with_id("row 17")
        .with_correlation_id("checkout-1")
        .with_extension("attempt", 3)
        .build()?;
    let (once, again) = (foreign.to_event_data()?, foreign.to_event_data()?);
    assert_eq!(once.event_id, again.event_id);
    assert_eq!(once.metadata.correlation_id, again.metadata.correlation_id);
    assert_eq!(once.metadata.extra["attempt"], "3");
    assert_eq!(once.schema_version, 1);
    let other = foreign.into_builder().with_id("row 18").build()?;
    assert_ne!(once.event_id, other.to_event_data()?.event_id);
    assert_eq!(
        once.metadata.correlation_id,
        other.to_event_data()?.metadata.correlation_id
    );
    Ok(())
}

#[test]
fn bytes_are_stored_as_bytes() -> Outcome {
    let cloud = CloudEvent::builder("/legacy", "Scanned").with_binary_data(vec![0_u8, 255]);
    let data = cloud.build()?.to_event_data()?;
    assert!(data.payload.is_binary());
    assert_eq!(data.payload.as_bytes(), [0, 255]);
    Ok(())
}

#[test]
fn what_cannot_be_stored_is_refused_by_name() -> Outcome {
    let builder = || CloudEvent::builder("/legacy", "Sold");
    let cases = [
        (
            builder().with_extension("schemaversion", 0),
            "schemaversion",
        ),
        (
            builder().with_extension("schemaversion", "two"),
            "schemaversion",
        ),
        (builder().with_extension("metadata", "[]"), "metadata"),
    ];
    for (cloud, expected) in cases {
        let refused = cloud.build()?.to_event_data();
        assert!(
            matches!(&refused, Err(CloudEventError::Invalid { attribute, .. }) if attribute == expected),
            "{expected}: {refused:?}"
        );
    }
    Ok(())
}

#[test]
fn ids_of_ours_stay_what_they_are() -> Outcome {
    let id = MessageId::new();
    let cloud = CloudEvent::builder("/shop", "Sold")
        .with_correlation_id(id.to_string())
        .with_causation_id(id.to_string())
        .build()?;
    let metadata = cloud.to_event_data()?.metadata;
    assert_eq!(metadata.correlation_id, Some(CorrelationId::from(id)));
    assert_eq!(metadata.causation_id, Some(CausationId::from(id)));
    Ok(())
}
