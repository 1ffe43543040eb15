//! What is kept of a reaction: all that it asked for, so that it is never asked again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::store::{RecordedEvent, StreamVersion};

/// A command that is to be dispatched, by its name and as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::saga) struct KeptCommand {
    pub(in crate::saga) name: String,
    pub(in crate::saga) content: Box<RawValue>,
}

/// A timer that is to be set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::saga) struct KeptTimer {
    pub(in crate::saga) number: u64,
    pub(in crate::saga) due: Timestamp,
}

/// By their names: each has one number for each time that it was set.
pub(in crate::saga) type KeptTimers = BTreeMap<String, KeptTimer>;

/// Where an event stands, told by what a copy of the log keeps: positions are other ones there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::saga) struct Place {
    pub(in crate::saga) stream: String,
    pub(in crate::saga) version: StreamVersion,
}

impl Place {
    pub(super) fn of(event: &RecordedEvent) -> Self {
        Self {
            stream: event.stream.name().to_owned(),
            version: event.version,
        }
    }
}
