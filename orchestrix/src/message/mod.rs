//! What is sent and stored: commands, events, and what travels with them.

mod id;
mod metadata;
mod trace_context;

pub use id::{CausationId, CorrelationId, MessageId};
pub use metadata::Metadata;
pub use trace_context::{SpanId, TraceContext, TraceContextError, TraceFlags, TraceId, TraceState};
