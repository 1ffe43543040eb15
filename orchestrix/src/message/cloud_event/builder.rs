use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::event_time::EventTime;
use super::validate;
use super::{CloudEvent, CloudEventData, CloudEventError, ExtensionValue, TraceContext};

/// Collects the attributes of a [`CloudEvent`]; [`CloudEventBuilder::build`] checks them all.
///
/// Setting an attribute again replaces its value.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct CloudEventBuilder {
    pub(super) id: Option<String>,
    pub(super) source: String,
    pub(super) event_type: String,
    pub(super) subject: Option<String>,
    pub(super) time: TimeChoice,
    pub(super) data_content_type: Option<String>,
    pub(super) data_schema: Option<String>,
    pub(super) extensions: BTreeMap<String, ExtensionValue>,
    pub(super) data: Option<CloudEventData>,
}

/// What becomes of the attribute `time`.
#[derive(Debug, Clone)]
pub(super) enum TimeChoice {
    Now,
    Absent,
    Text(String),
}

impl CloudEventBuilder {
    pub(super) fn new(source: String, event_type: String) -> Self {
        Self {
            id: None,
            source,
            event_type,
            subject: None,
            time: TimeChoice::Now,
            data_content_type: None,
            data_schema: None,
            extensions: BTreeMap::new(),
            data: None,
        }
    }

    pub(super) fn from_event(event: CloudEvent) -> Self {
        Self {
            id: Some(event.id),
            source: event.source,
            event_type: event.event_type,
            subject: event.subject,
            time: event.time.map_or(TimeChoice::Absent, |time| {
                TimeChoice::Text(time.into_text())
            }),
            data_content_type: event.data_content_type,
            data_schema: event.data_schema,
            extensions: event.extensions,
            data: event.data,
        }
    }

    /// Sets `id`, instead of a fresh UUID of version 7.
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets `subject`.
    pub fn with_subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Sets `time` to this instant in UTC, instead of the time of the build.
    pub fn with_time(self, time: Timestamp) -> Self {
        self.with_time_text(time.to_string())
    }

    /// Sets `time` to this RFC 3339 text, which is kept as it is.
    pub fn with_time_text(mut self, time: impl Into<String>) -> Self {
        self.time = TimeChoice::Text(time.into());
        self
    }

    /// Leaves `time` out.
    pub fn without_time(mut self) -> Self {
        self.time = TimeChoice::Absent;
        self
    }

    /// Sets `datacontenttype`, the media type of the data.
    pub fn with_data_content_type(mut self, media_type: impl Into<String>) -> Self {
        self.data_content_type = Some(media_type.into());
        self
    }

    /// Sets `dataschema`, an absolute URI.
    pub fn with_data_schema(mut self, uri: impl Into<String>) -> Self {
        self.data_schema = Some(uri.into());
        self
    }

    /// Sets the data to a JSON value; does not touch `datacontenttype`.
    pub fn with_json_data(mut self, data: Value) -> Self {
        self.data = Some(CloudEventData::Json(data));
        self
    }

    /// Sets the data to bytes; does not touch `datacontenttype`.
    pub fn with_binary_data(mut self, data: impl Into<Bytes>) -> Self {
        self.data = Some(CloudEventData::Binary(data.into()));
        self
    }

    /// Sets one extension attribute.
    pub fn with_extension(
        mut self,
        name: impl Into<String>,
        value: impl Into<ExtensionValue>,
    ) -> Self {
        self.extensions.insert(name.into(), value.into());
        self
    }

    /// Sets extension attribute `correlationid`.
    pub fn with_correlation_id(self, id: impl Into<String>) -> Self {
        self.with_extension(CloudEvent::CORRELATION_ID, id.into())
    }

    /// Sets extension attribute `causationid`.
    pub fn with_causation_id(self, id: impl Into<String>) -> Self {
        self.with_extension(CloudEvent::CAUSATION_ID, id.into())
    }

    /// Sets extension attribute `tenantid`.
    pub fn with_tenant_id(self, id: impl Into<String>) -> Self {
        self.with_extension(CloudEvent::TENANT_ID, id.into())
    }

    /// Sets extension attributes `traceparent` and `tracestate`; an empty state removes the
    /// latter.
    pub fn with_trace_context(mut self, context: &TraceContext) -> Self {
        self.extensions.remove(CloudEvent::TRACESTATE);
        if let Some(tracestate) = context.tracestate() {
            self = self.with_extension(CloudEvent::TRACESTATE, tracestate);
        }
        self.with_extension(CloudEvent::TRACEPARENT, context.traceparent())
    }

    /// The finished event. Reads the clock and draws an id where none were given.
    ///
    /// # Errors
    ///
    /// A [`CloudEventError`] about the first attribute which the specification does not allow.
    pub fn build(self) -> Result<CloudEvent, CloudEventError> {
        let id = self.id.unwrap_or_else(|| Uuid::now_v7().to_string());
        let time = match self.time {
            TimeChoice::Now => Some(Timestamp::now().to_string()),
            TimeChoice::Absent => None,
            TimeChoice::Text(text) => Some(text),
        };
        validate::text("id", &id)?;
        validate::uri_reference("source", &self.source)?;
        validate::text("type", &self.event_type)?;
        if let Some(subject) = &self.subject {
            validate::text("subject", subject)?;
        }
        if let Some(media_type) = &self.data_content_type {
            validate::media_type("datacontenttype", media_type)?;
        }
        if let Some(uri) = &self.data_schema {
            validate::absolute_uri("dataschema", uri)?;
        }
        for (name, value) in &self.extensions {
            validate::extension(name, value)?;
        }
        Ok(CloudEvent {
            id,
            source: self.source,
            event_type: self.event_type,
            subject: self.subject,
            time: time.map(EventTime::parse).transpose()?,
            data_content_type: self.data_content_type,
            data_schema: self.data_schema,
            extensions: self.extensions,
            data: self.data,
        })
    }
}
