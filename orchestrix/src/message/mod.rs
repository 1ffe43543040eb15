//! What is sent and stored: commands, events, and what travels with them.

mod cloud_event;
mod command;
mod event;
mod event_type;
mod id;
mod key;
mod metadata;
mod tag_value;
mod trace_context;
mod variant;

pub use cloud_event::{
    CloudEvent, CloudEventBuilder, CloudEventData, CloudEventError, ExtensionValue,
};
pub use command::{Command, StreamCommand};
pub use event::{Event, EventStruct};
pub use event_type::{DecodeError, EventType};
pub use id::{CausationId, CorrelationId, MessageId};
pub use key::Key;
pub use metadata::Metadata;
pub use tag_value::TagValue;
pub use trace_context::{SpanId, TraceContext, TraceContextError, TraceFlags, TraceId, TraceState};
pub use variant::{decode_variant, encode_variant};
