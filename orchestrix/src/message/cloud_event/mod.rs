//! CloudEvents 1.0 in structured-mode JSON, both ways, single events and batches.

mod builder;
mod error;
mod event_time;
mod json_node;
mod parse;
mod recorded;
mod validate;
mod write;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use super::trace_context::{TraceContext, TraceContextError};
pub use builder::CloudEventBuilder;
pub use error::CloudEventError;
use event_time::EventTime;

/// An event in the vocabulary of CloudEvents 1.0, for exchange with other systems.
///
/// A value always satisfies the specification. Attributes keep the text they were given, so
/// reading and writing returns them byte for byte; `data` keeps its JSON value, not its spelling.
///
/// ```
/// use orchestrix::message::{CloudEvent, CloudEventData};
/// use serde_json::json;
///
/// let placed = CloudEvent::builder("/shop/orders", "com.example.order.placed")
///     .with_subject("order-7")
///     .with_correlation_id("checkout-1")
///     .with_json_data(json!({"amount": 150}))
///     .build()?;
///
/// let received = CloudEvent::from_json(placed.to_json().as_bytes())?;
/// assert_eq!(received, placed);
/// assert_eq!(received.correlation_id(), Some("checkout-1"));
/// assert!(matches!(received.data(), Some(CloudEventData::Json(_))));
/// # Ok::<(), orchestrix::message::CloudEventError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CloudEvent {
    id: String,
    source: String,
    event_type: String,
    subject: Option<String>,
    time: Option<EventTime>,
    data_content_type: Option<String>,
    data_schema: Option<String>,
    extensions: BTreeMap<String, ExtensionValue>,
    data: Option<CloudEventData>,
}

/// What an event carries: a member `data` or a member `data_base64`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CloudEventData {
    /// A JSON value; text of any other media type is a JSON string.
    Json(Value),
    /// Bytes, in JSON written as Base64.
    Binary(Bytes),
}

/// The value of an extension attribute.
///
/// JSON does not tell the specification's binary, URI and timestamp values from strings: they
/// are strings here too.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ExtensionValue {
    /// Text without control characters.
    String(String),
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number of 32 bits, sign included.
    Integer(i32),
}

impl CloudEvent {
    /// The version of the specification, the only accepted `specversion`.
    pub const SPEC_VERSION: &'static str = "1.0";
    /// The media type of one event in JSON.
    pub const MEDIA_TYPE: &'static str = "application/cloudevents+json";
    /// The media type of a batch in JSON.
    pub const BATCH_MEDIA_TYPE: &'static str = "application/cloudevents-batch+json";
    /// The extension attribute with the id of the whole chain of messages.
    pub const CORRELATION_ID: &'static str = "correlationid";
    /// The extension attribute with the id of the message which directly caused this one.
    pub const CAUSATION_ID: &'static str = "causationid";
    /// The extension attribute with the tenant.
    pub const TENANT_ID: &'static str = "tenantid";
    /// The extension attribute with the W3C `traceparent`.
    pub const TRACEPARENT: &'static str = TraceContext::TRACEPARENT;
    /// The extension attribute with the W3C `tracestate`.
    pub const TRACESTATE: &'static str = TraceContext::TRACESTATE;

    /// An event with only the required attributes and `time`: its id is a fresh UUID of
    /// version 7, its time is now in UTC. [`CloudEvent::builder`] sets these and all others.
    ///
    /// # Errors
    ///
    /// As [`CloudEventBuilder::build`].
    pub fn new(
        source: impl Into<String>,
        event_type: impl Into<String>,
    ) -> Result<Self, CloudEventError> {
        Self::builder(source, event_type).build()
    }

    /// Starts an event from `source`, a URI reference, of the type `event_type`.
    pub fn builder(source: impl Into<String>, event_type: impl Into<String>) -> CloudEventBuilder {
        CloudEventBuilder::new(source.into(), event_type.into())
    }

    /// A builder holding everything of this event, id and time included.
    pub fn into_builder(self) -> CloudEventBuilder {
        CloudEventBuilder::from_event(self)
    }

    /// The version of the specification: `1.0`.
    pub fn spec_version(&self) -> &'static str {
        Self::SPEC_VERSION
    }

    /// Attribute `id`, unique together with `source`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Attribute `source`, a URI reference: where the event happened.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Attribute `type`: what kind of event this is.
    pub fn event_type(&self) -> &str {
        &self.event_type
    }

    /// Attribute `subject`: what in the source the event is about.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Attribute `time` in the exact text it was given, an RFC 3339 timestamp.
    pub fn time(&self) -> Option<&str> {
        self.time.as_ref().map(EventTime::text)
    }

    /// The instant which attribute `time` names.
    ///
    /// Nanoseconds are kept and finer digits cut off, a leap second is the second before it, and
    /// the last hours of the year 9999 are [`Timestamp::MAX`].
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.time.as_ref().map(EventTime::timestamp)
    }

    /// Attribute `datacontenttype`, the media type of the data; without it the data is JSON.
    pub fn data_content_type(&self) -> Option<&str> {
        self.data_content_type.as_deref()
    }

    /// Attribute `dataschema`, an absolute URI.
    pub fn data_schema(&self) -> Option<&str> {
        self.data_schema.as_deref()
    }

    /// What the event carries.
    pub fn data(&self) -> Option<&CloudEventData> {
        self.data.as_ref()
    }

    /// The value of one extension attribute.
    pub fn extension(&self, name: &str) -> Option<&ExtensionValue> {
        self.extensions.get(name)
    }

    /// All extension attributes, ordered by name.
    pub fn extensions(&self) -> impl Iterator<Item = (&str, &ExtensionValue)> {
        self.extensions
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// Extension attribute `correlationid`: the whole chain of messages.
    pub fn correlation_id(&self) -> Option<&str> {
        self.extension(Self::CORRELATION_ID)?.as_str()
    }

    /// Extension attribute `causationid`: the direct cause.
    pub fn causation_id(&self) -> Option<&str> {
        self.extension(Self::CAUSATION_ID)?.as_str()
    }

    /// Extension attribute `tenantid`.
    pub fn tenant_id(&self) -> Option<&str> {
        self.extension(Self::TENANT_ID)?.as_str()
    }

    /// Extension attribute `traceparent` as received; it may be malformed.
    pub fn traceparent(&self) -> Option<&str> {
        self.extension(Self::TRACEPARENT)?.as_str()
    }

    /// Extension attribute `tracestate` as received; it may be malformed.
    pub fn tracestate(&self) -> Option<&str> {
        self.extension(Self::TRACESTATE)?.as_str()
    }

    /// The trace context in `traceparent` and `tracestate`, `None` without `traceparent`. A
    /// malformed `tracestate` is dropped.
    ///
    /// # Errors
    ///
    /// A [`TraceContextError`] when `traceparent` is malformed. The event is good all the same:
    /// the receiver starts a new trace.
    pub fn trace_context(&self) -> Result<Option<TraceContext>, TraceContextError> {
        let attributes = [
            (Self::TRACEPARENT, self.traceparent()),
            (Self::TRACESTATE, self.tracestate()),
        ];
        TraceContext::from_headers(
            attributes
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?))),
        )
    }
}

impl ExtensionValue {
    /// The text of a [`ExtensionValue::String`].
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            Self::Boolean(_) | Self::Integer(_) => None,
        }
    }
}

impl From<String> for ExtensionValue {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<&str> for ExtensionValue {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<bool> for ExtensionValue {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i32> for ExtensionValue {
    fn from(value: i32) -> Self {
        Self::Integer(value)
    }
}
