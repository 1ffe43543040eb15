//! Events of types that are known when the file has been read.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use orchestrix::message::{DecodeError, EventType, Metadata};
use orchestrix::prelude::*;
use orchestrix::store::{EventData, NameError, Payload, Tag};
use serde_json::{Map, Value};

/// An event of a scenario.
#[derive(Debug, Clone)]
pub(super) struct Happened {
    event_type: &'static EventType,
    pub(super) data: Value,
    pub(super) tags: Vec<Tag>,
    pub(super) metadata: Metadata,
}

impl Happened {
    pub(super) fn new(name: &str, data: Value, tags: Vec<Tag>) -> Self {
        Self {
            event_type: known(name),
            data,
            tags,
            metadata: Metadata::default(),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.event_type.name()
    }

    /// `event` in expressions.
    pub(super) fn as_value(&self) -> Value {
        let mut value = Map::from_iter([("data".to_owned(), self.data.clone())]);
        let extra = &self.metadata.extra;
        if !extra.is_empty() {
            let entries = extra
                .iter()
                .map(|(name, entry)| (name.clone(), Value::from(entry.as_str())));
            value.insert("metadata".to_owned(), Value::Object(entries.collect()));
        }
        Value::Object(value)
    }
}

impl Event for Happened {
    fn types() -> Vec<&'static EventType> {
        // Every query of a scenario names its types, so that none is filled in.
        Vec::new()
    }

    fn event_type(&self) -> &'static EventType {
        self.event_type
    }

    fn encode(&self) -> Result<Payload, serde_json::Error> {
        Payload::of(&self.data)
    }

    fn tags(&self) -> Result<Vec<Tag>, NameError> {
        Ok(self.tags.clone())
    }

    fn decode(event: &EventData) -> Option<Result<Self, DecodeError>> {
        let event_type = known(&event.event_type);
        Some(event_type.read(event).map(|data| Self {
            event_type,
            data,
            tags: event.tags().to_vec(),
            metadata: event.metadata.clone(),
        }))
    }
}

/// The type of a name: made once, and kept as long as the program runs.
fn known(name: &str) -> &'static EventType {
    static KNOWN: Mutex<BTreeMap<String, &'static EventType>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(name.to_owned()).or_insert_with(|| {
        let name: &'static str = name.to_owned().leak();
        Box::leak(Box::new(EventType::new(name, 1, name, |_| {})))
    })
}
