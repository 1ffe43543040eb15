//! Between CloudEvents and the events of a store.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use super::{CloudEvent, CloudEventData, CloudEventError, ExtensionValue};
use crate::message::{CausationId, CorrelationId, MessageId, Metadata};
use crate::store::{EventData, Payload, RecordedEvent};

/// Extension attribute: the version of the payload's shape.
const SCHEMA_VERSION: &str = "schemaversion";
/// Extension attribute: the place in the stream.
const STREAM_VERSION: &str = "streamversion";
/// Extension attribute: who acted.
const ACTOR: &str = "actor";
/// Extension attribute: metadata entries whose names no attribute can have, as a JSON object.
const METADATA: &str = "metadata";

impl CloudEvent {
    /// A stored event as CloudEvent, from `source`, a URI reference for the application.
    ///
    /// `id`, `type`, `time` and `data` are the event's, `subject` is the name of its stream. Tenant, correlation,
    /// causation, trace context, actor, schema version and stream version are extension attributes; so is each entry
    /// of the metadata whose name allows it, and the others are together in one.
    ///
    /// # Errors
    ///
    /// [`CloudEventError`] when `source` is no URI reference, or a text holds what the specification forbids.
    pub fn from_recorded(event: &RecordedEvent, source: &str) -> Result<Self, CloudEventError> {
        let metadata = &event.data.metadata;
        let json = |source| CloudEventError::Json { source };
        let mut cloud = CloudEvent::builder(source, event.event_type())
            .with_id(event.event_id().to_string())
            .with_subject(event.stream.name())
            .with_time(event.data.occurred_at)
            .with_tenant_id(event.stream.tenant().as_str())
            .with_extension(STREAM_VERSION, event.version.to_string());
        let payload = &event.data.payload;
        cloud = match payload.is_binary() {
            true => cloud
                .with_data_content_type("application/octet-stream")
                .with_binary_data(payload.as_bytes().to_vec()),
            false => cloud
                .with_data_content_type("application/json")
                .with_json_data(payload.read().map_err(json)?),
        };
        if let Ok(version) = i32::try_from(event.data.schema_version) {
            cloud = cloud.with_extension(SCHEMA_VERSION, version);
        }
        if let Some(id) = metadata.correlation_id {
            cloud = cloud.with_correlation_id(id.to_string());
        }
        if let Some(id) = metadata.causation_id {
            cloud = cloud.with_causation_id(id.to_string());
        }
        if let Some(trace) = &metadata.trace {
            cloud = cloud.with_trace_context(trace);
        }
        if let Some(actor) = &metadata.actor {
            cloud = cloud.with_extension(ACTOR, actor.as_str());
        }
        let (named, unnamed): (BTreeMap<&str, &str>, BTreeMap<&str, &str>) = metadata
            .extra
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .partition(|(name, value)| is_free_name(name) && !value.is_empty());
        for (name, value) in named {
            cloud = cloud.with_extension(name, value);
        }
        if !unnamed.is_empty() {
            cloud = cloud.with_extension(METADATA, serde_json::to_string(&unnamed).map_err(json)?);
        }
        cloud.build()
    }

    /// What to append for a received event.
    ///
    /// An `id` that is no UUID becomes one that is made of `source` and `id`, so that the same event received twice
    /// has the same id, and is stored once; so do correlation and causation ids. Without a `schemaversion` it is 1.
    /// Further extension attributes become metadata entries.
    ///
    /// # Errors
    ///
    /// [`CloudEventError`] when an attribute of ours has a value that it cannot have.
    pub fn to_event_data(&self) -> Result<EventData, CloudEventError> {
        let json = |source| CloudEventError::Json { source };
        let payload = match self.data() {
            Some(CloudEventData::Json(value)) => Payload::of(value),
            None => Payload::of(&Value::Null),
            Some(CloudEventData::Binary(bytes)) => Ok(Payload::binary(bytes.clone())),
        };
        let schema_version = match self.extension(SCHEMA_VERSION) {
            None => Some(1),
            Some(ExtensionValue::Integer(version)) => u32::try_from(*version).ok(),
            Some(_) => None,
        };
        let schema_version = schema_version.filter(|version| *version > 0);
        let schema_version = schema_version.ok_or_else(|| {
            invalid(
                SCHEMA_VERSION,
                "is no schema version",
                "a whole number from 1",
            )
        })?;
        let mut data = EventData::new(self.event_type(), schema_version, payload.map_err(json)?)
            .with_id(MessageId::from_uuid(self.uuid_of(self.id())))
            .with_metadata(self.metadata()?);
        if let Some(time) = self.timestamp() {
            data = data.with_occurred_at(time);
        }
        Ok(data)
    }

    fn metadata(&self) -> Result<Metadata, CloudEventError> {
        let mut metadata = Metadata {
            correlation_id: self
                .correlation_id()
                .map(|id| CorrelationId::from_uuid(self.uuid_of(id))),
            causation_id: self
                .causation_id()
                .map(|id| CausationId::from_uuid(self.uuid_of(id))),
            actor: self
                .extension(ACTOR)
                .and_then(ExtensionValue::as_str)
                .map(str::to_owned),
            // A malformed trace is not the event's fault: its receiver begins a new one.
            trace: self.trace_context().ok().flatten(),
            extra: BTreeMap::new(),
        };
        if let Some(entries) = self.extension(METADATA).and_then(ExtensionValue::as_str) {
            metadata.extra = serde_json::from_str(entries)
                .map_err(|_| invalid(METADATA, "is no JSON object of texts", "such an object"))?;
        }
        for (name, value) in self.extensions().filter(|(name, _)| is_free_name(name)) {
            let text = match value {
                ExtensionValue::String(text) => text.clone(),
                ExtensionValue::Boolean(value) => value.to_string(),
                ExtensionValue::Integer(value) => value.to_string(),
            };
            metadata.extra.insert(name.to_owned(), text);
        }
        Ok(metadata)
    }

    fn uuid_of(&self, id: &str) -> Uuid {
        let foreign = || {
            let name = format!("{}\n{id}", self.source());
            Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())
        };
        id.parse().unwrap_or_else(|_| foreign())
    }
}

/// Whether an extension attribute of this name means nothing to us, and is a legal one.
fn is_free_name(name: &str) -> bool {
    let ours = [
        CloudEvent::CORRELATION_ID,
        CloudEvent::CAUSATION_ID,
        CloudEvent::TENANT_ID,
        CloudEvent::TRACEPARENT,
        CloudEvent::TRACESTATE,
        SCHEMA_VERSION,
        STREAM_VERSION,
        ACTOR,
        METADATA,
    ];
    !ours.contains(&name) && super::validate::extension(name, &"value".into()).is_ok()
}

fn invalid(attribute: &str, problem: &'static str, expected: &'static str) -> CloudEventError {
    CloudEventError::Invalid {
        attribute: attribute.to_owned(),
        problem,
        expected,
    }
}
