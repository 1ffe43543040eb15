//! W3C Trace Context: the place of a message in a distributed trace.
//!
//! Parsing follows the recommendation's level 2 grammar. Nothing here draws random numbers: the
//! caller supplies the ids of new traces and spans.

mod error;
mod identifier;
mod state;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use error::TraceContextError;
use identifier::parse_hex_byte;
pub use identifier::{SpanId, TraceFlags, TraceId};
pub use state::TraceState;

/// Where a message stands in a distributed trace: the trace, the span which caused the message,
/// and the tracing systems' own state.
///
/// A value is always valid: ids are not all zero and the state obeys the grammar. It is written
/// as version `00` of `traceparent`, whatever version it was read from, because that is the
/// version whose fields are known.
///
/// In serde it is a map of the strings `traceparent` and, unless empty, `tracestate`.
///
/// ```
/// use orchestrix::message::{SpanId, TraceContext};
///
/// let received: TraceContext =
///     "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse()?;
/// let own_span: SpanId = "b7ad6b7169203331".parse()?;
/// assert_eq!(
///     received.child(own_span).traceparent(),
///     "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01",
/// );
/// # Ok::<(), orchestrix::message::TraceContextError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TraceContext {
    trace_id: TraceId,
    parent_id: SpanId,
    flags: TraceFlags,
    state: TraceState,
}

impl TraceContext {
    /// The name of the header and extension attribute which carries the ids and flags.
    pub const TRACEPARENT: &'static str = "traceparent";

    /// The name of the header and extension attribute which carries the tracing systems' state.
    pub const TRACESTATE: &'static str = "tracestate";

    /// A context with an empty state: the start of a trace when the ids are fresh.
    pub fn new(trace_id: TraceId, parent_id: SpanId, flags: TraceFlags) -> Self {
        Self {
            trace_id,
            parent_id,
            flags,
            state: TraceState::default(),
        }
    }

    /// The same place in the trace with another state.
    #[must_use]
    pub fn with_state(mut self, state: TraceState) -> Self {
        self.state = state;
        self
    }

    /// The context for a message sent from the span `span_id`: same trace, flags and state, and
    /// that span as parent.
    #[must_use]
    pub fn child(&self, span_id: SpanId) -> Self {
        Self {
            trace_id: self.trace_id,
            parent_id: span_id,
            flags: self.flags,
            state: self.state.clone(),
        }
    }

    /// Reads the value of a `traceparent` header; the state is empty.
    ///
    /// Spaces and tabs around the value are ignored. A version above `00` is accepted when its
    /// first four fields are those of `00`; further fields must follow a `-` and are dropped.
    ///
    /// # Errors
    ///
    /// A [`TraceContextError`] naming the first field which is malformed, all zero or of the
    /// forbidden version `ff`.
    pub fn parse(traceparent: &str) -> Result<Self, TraceContextError> {
        const FIELDS_LENGTH: usize = 55;

        let text = trim_optional_whitespace(traceparent).as_bytes();
        let (Some(fields), Some(rest)) = (text.get(..FIELDS_LENGTH), text.get(FIELDS_LENGTH..))
        else {
            return Err(TraceContextError::TooShort { length: text.len() });
        };
        for offset in [2, 35, 52] {
            if fields[offset] != b'-' {
                return Err(TraceContextError::MissingDelimiter { offset });
            }
        }
        let version = parse_hex_byte("version", &fields[..2])?;
        if version == 0xff {
            return Err(TraceContextError::ForbiddenVersion);
        }
        let may_continue = version > 0 && rest.first() == Some(&b'-');
        if !rest.is_empty() && !may_continue {
            return Err(TraceContextError::TrailingCharacters { version });
        }
        Ok(Self::new(
            TraceId::from_hex(&fields[3..35])?,
            SpanId::from_hex(&fields[36..52])?,
            TraceFlags::from_byte(parse_hex_byte("trace-flags", &fields[53..])?),
        ))
    }

    /// Reads the context out of a request's headers, of which it uses `traceparent` and
    /// `tracestate` in any letter case; several `tracestate` headers are one list.
    ///
    /// `None` when there is no `traceparent`. A malformed `tracestate` is dropped and the ids
    /// kept, as the recommendation demands; use [`TraceState::parse`] to learn what is wrong.
    ///
    /// # Errors
    ///
    /// A [`TraceContextError`] when `traceparent` is malformed or occurs more than once: the
    /// receiver starts a new trace.
    pub fn from_headers<Name, Value>(
        headers: impl IntoIterator<Item = (Name, Value)>,
    ) -> Result<Option<Self>, TraceContextError>
    where
        Name: AsRef<str>,
        Value: AsRef<str>,
    {
        let mut context = None;
        let mut states = Vec::new();
        for (name, value) in headers {
            let name = name.as_ref();
            if name.eq_ignore_ascii_case(Self::TRACEPARENT) {
                if context.is_some() {
                    return Err(TraceContextError::RepeatedTraceparent);
                }
                context = Some(Self::parse(value.as_ref())?);
            } else if name.eq_ignore_ascii_case(Self::TRACESTATE) {
                states.push(value);
            }
        }
        Ok(context.map(|context| {
            let state = TraceState::parse_all(states.iter().map(AsRef::as_ref));
            context.with_state(state.unwrap_or_default())
        }))
    }

    /// The trace this message belongs to.
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The span which caused this message.
    pub fn parent_id(&self) -> SpanId {
        self.parent_id
    }

    /// What the sender says about sampling and about the randomness of the trace id.
    pub fn flags(&self) -> TraceFlags {
        self.flags
    }

    /// The tracing systems' own state.
    pub fn state(&self) -> &TraceState {
        &self.state
    }

    /// The value of the `traceparent` header: 55 characters, version `00`.
    pub fn traceparent(&self) -> String {
        self.to_string()
    }

    /// The value of the `tracestate` header, `None` when there is nothing to send.
    pub fn tracestate(&self) -> Option<String> {
        (!self.state.is_empty()).then(|| self.state.to_string())
    }
}

/// Writes the value of the `traceparent` header.
impl fmt::Display for TraceContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "00-{}-{}-{}",
            self.trace_id, self.parent_id, self.flags
        )
    }
}

impl FromStr for TraceContext {
    type Err = TraceContextError;

    /// The same as [`TraceContext::parse`].
    fn from_str(traceparent: &str) -> Result<Self, Self::Err> {
        Self::parse(traceparent)
    }
}

/// The form of a [`TraceContext`] in serde.
#[derive(Serialize, Deserialize)]
struct Strings {
    traceparent: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tracestate: Option<String>,
}

impl Serialize for TraceContext {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Strings {
            traceparent: self.traceparent(),
            tracestate: self.tracestate(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TraceContext {
    /// Unlike [`TraceContext::from_headers`], refuses a malformed `tracestate`: what was
    /// serialised from a `TraceContext` is never malformed.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let strings = Strings::deserialize(deserializer)?;
        let context = Self::parse(&strings.traceparent).map_err(de::Error::custom)?;
        let state = TraceState::parse(strings.tracestate.as_deref().unwrap_or_default())
            .map_err(de::Error::custom)?;
        Ok(context.with_state(state))
    }
}

/// Removes what HTTP calls optional whitespace: spaces and tabs around a value.
fn trim_optional_whitespace(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}
