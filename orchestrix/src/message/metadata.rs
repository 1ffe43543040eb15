//! Where a message comes from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CausationId, CorrelationId, MessageId, TraceContext};

/// What travels with a message beside its payload. The tenant is part of the stream's identity, not of this.
///
/// ```
/// use orchestrix::message::{MessageId, Metadata};
/// let command = MessageId::new();
/// let event = Metadata::begin(command).caused_by(command).with("channel", "web");
/// assert!(event.is_caused_by(command));
/// assert!(event.is_correlated_with(&Metadata::begin(command)));
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Metadata {
    /// The chain it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<CorrelationId>,
    /// What directly caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<CausationId>,
    /// Who acted: a user, a service, a job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The trace it belongs to, by W3C Trace Context.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceContext>,
    /// Free extras.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, String>,
}

impl Metadata {
    /// The metadata of a message that begins a chain.
    pub fn begin(first: MessageId) -> Self {
        Self {
            correlation_id: Some(first.into()),
            ..Self::default()
        }
    }

    /// With this message as the direct cause.
    #[must_use]
    pub fn caused_by(mut self, cause: MessageId) -> Self {
        self.causation_id = Some(cause.into());
        self
    }

    /// With one more extra; the last value of a name wins.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra.insert(name.into(), value.into());
        self
    }

    /// The bytes of what writers put in freely: actor, and names and values of the extras.
    pub fn size(&self) -> usize {
        let extra = self
            .extra
            .iter()
            .map(|(name, value)| name.len() + value.len());
        self.actor.as_ref().map_or(0, String::len) + extra.sum::<usize>()
    }

    /// Whether `cause` is the direct cause.
    pub fn is_caused_by(&self, cause: MessageId) -> bool {
        self.causation_id == Some(cause.into())
    }

    /// Whether both belong to one chain.
    pub fn is_correlated_with(&self, other: &Metadata) -> bool {
        self.correlation_id.is_some() && self.correlation_id == other.correlation_id
    }
}
