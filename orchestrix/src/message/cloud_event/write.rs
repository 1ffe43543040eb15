//! To structured-mode JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{CloudEvent, CloudEventData, ExtensionValue};

impl CloudEvent {
    /// The structured-mode JSON of this event, on one line: first the attributes of the
    /// specification, then the extension attributes by name, then the data.
    pub fn to_json(&self) -> String {
        write(self)
    }

    /// The JSON batch of these events, on one line.
    pub fn batch_to_json(events: &[Self]) -> String {
        write(events)
    }
}

fn write<T: Serialize + ?Sized>(value: &T) -> String {
    // Writing JSON fails on I/O, on map keys which are not strings and on errors raised by a
    // Serialize impl. A String does no I/O, and the impls below and those of serde_json's Value
    // use string keys and raise nothing.
    serde_json::to_string(value).expect("a CloudEvent has string keys and no failing parts")
}

impl Serialize for CloudEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("specversion", self.spec_version())?;
        members.serialize_entry("id", self.id())?;
        members.serialize_entry("source", self.source())?;
        members.serialize_entry("type", self.event_type())?;
        let optional = [
            ("subject", self.subject()),
            ("time", self.time()),
            ("datacontenttype", self.data_content_type()),
            ("dataschema", self.data_schema()),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                members.serialize_entry(name, value)?;
            }
        }
        for (name, value) in self.extensions() {
            match value {
                ExtensionValue::String(text) => members.serialize_entry(name, text)?,
                ExtensionValue::Boolean(value) => members.serialize_entry(name, value)?,
                ExtensionValue::Integer(value) => members.serialize_entry(name, value)?,
            }
        }
        match self.data() {
            Some(CloudEventData::Json(value)) => members.serialize_entry("data", value)?,
            Some(CloudEventData::Binary(bytes)) => {
                members.serialize_entry("data_base64", &STANDARD.encode(bytes))?;
            }
            None => {}
        }
        members.end()
    }
}
