//! From structured-mode JSON.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use super::builder::{CloudEventBuilder, TimeChoice};
use super::error::excerpt;
use super::json_node::{JsonNode, kind};
use super::{CloudEvent, CloudEventData, CloudEventError, ExtensionValue, validate};

impl CloudEvent {
    /// Reads one event from its structured-mode JSON.
    ///
    /// Attributes which are `null` count as absent, `time` and `id` get no defaults. A `data`
    /// member which is `null` is data, unless there is a `data_base64`.
    ///
    /// # Errors
    ///
    /// A [`CloudEventError`] about the first attribute which is missing, occurs twice or breaks
    /// the specification, or about JSON which is malformed or nested too deeply.
    pub fn from_json(json: &[u8]) -> Result<Self, CloudEventError> {
        event(node(json)?)
    }

    /// Reads one event from the JSON value of its structured-mode form.
    ///
    /// # Errors
    ///
    /// As [`CloudEvent::from_json`].
    pub fn from_json_value(value: Value) -> Result<Self, CloudEventError> {
        event(value.into())
    }

    /// Reads all events of a JSON batch; the empty batch is allowed.
    ///
    /// # Errors
    ///
    /// [`CloudEventError::InBatch`] for the first event which is refused, and the errors about
    /// the JSON as a whole.
    pub fn batch_from_json(json: &[u8]) -> Result<Vec<Self>, CloudEventError> {
        batch(node(json)?)
    }

    /// Reads all events of a batch from its JSON value.
    ///
    /// # Errors
    ///
    /// As [`CloudEvent::batch_from_json`].
    pub fn batch_from_json_value(value: Value) -> Result<Vec<Self>, CloudEventError> {
        batch(value.into())
    }
}

impl<'de> Deserialize<'de> for CloudEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        event(JsonNode::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

fn node(json: &[u8]) -> Result<JsonNode, CloudEventError> {
    serde_json::from_slice(json).map_err(|source| CloudEventError::Json { source })
}

fn batch(node: JsonNode) -> Result<Vec<CloudEvent>, CloudEventError> {
    let JsonNode::Array(nodes) = node else {
        return Err(CloudEventError::NotAnArray { found: node.kind() });
    };
    let events = nodes.into_iter().enumerate().map(|(index, node)| {
        event(node).map_err(|source| CloudEventError::InBatch {
            index,
            source: Box::new(source),
        })
    });
    events.collect()
}

fn event(node: JsonNode) -> Result<CloudEvent, CloudEventError> {
    let JsonNode::Object(members) = node else {
        return Err(CloudEventError::NotAnObject { found: node.kind() });
    };
    let mut members = Members::collect(members)?;
    // The version comes first because it decides what the other members mean.
    let version = members.required_string("specversion", "\"1.0\"")?;
    if version != CloudEvent::SPEC_VERSION {
        return Err(CloudEventError::UnsupportedSpecVersion {
            found: excerpt(&version),
        });
    }
    CloudEventBuilder {
        id: Some(members.required_string("id", "a non-empty string")?),
        source: members.required_string("source", "a URI reference")?,
        event_type: members.required_string("type", "a non-empty string")?,
        subject: members.string("subject")?,
        time: members
            .string("time")?
            .map_or(TimeChoice::Absent, TimeChoice::Text),
        data_content_type: members.string("datacontenttype")?,
        data_schema: members.string("dataschema")?,
        data: members.data()?,
        extensions: members.into_extensions()?,
    }
    .build()
}

/// The members of an event's object which are not read yet.
struct Members(BTreeMap<String, Value>);

impl Members {
    fn collect(listed: Vec<(String, Value)>) -> Result<Self, CloudEventError> {
        let mut members = BTreeMap::new();
        for (name, value) in listed {
            if members.contains_key(&name) {
                return Err(CloudEventError::Repeated {
                    name: excerpt(&name),
                });
            }
            members.insert(name, value);
        }
        Ok(Self(members))
    }

    /// Takes a member out; `null` is the same as absence.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    fn string(&mut self, attribute: &'static str) -> Result<Option<String>, CloudEventError> {
        match self.take(attribute) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong_kind(attribute, &other, "a string")),
        }
    }

    fn required_string(
        &mut self,
        attribute: &'static str,
        expected: &'static str,
    ) -> Result<String, CloudEventError> {
        self.string(attribute)?.ok_or(CloudEventError::Missing {
            attribute,
            expected,
        })
    }

    fn data(&mut self) -> Result<Option<CloudEventData>, CloudEventError> {
        // A null beside Base64 is an absent member; alone it is the JSON value null.
        let json = self.0.remove("data");
        match (json, self.take("data_base64")) {
            (json, None) => Ok(json.map(CloudEventData::Json)),
            (None | Some(Value::Null), Some(Value::String(base64))) => {
                let bytes = STANDARD.decode(base64).map_err(|_| {
                    let expected = "a string in the padded Base64 of RFC 4648";
                    validate::invalid("data_base64", "is not Base64", expected)
                })?;
                Ok(Some(CloudEventData::Binary(bytes.into())))
            }
            (None | Some(Value::Null), Some(other)) => {
                Err(wrong_kind("data_base64", &other, "a string"))
            }
            (Some(_), Some(_)) => Err(CloudEventError::BothDataMembers),
        }
    }

    fn into_extensions(self) -> Result<BTreeMap<String, ExtensionValue>, CloudEventError> {
        let mut extensions = BTreeMap::new();
        for (name, value) in self.0 {
            validate::name(&name)?;
            if value.is_null() {
                continue;
            }
            let value = extension_value(&name, value)?;
            extensions.insert(name, value);
        }
        Ok(extensions)
    }
}

fn extension_value(attribute: &str, value: Value) -> Result<ExtensionValue, CloudEventError> {
    const INTEGER: &str = "a whole number from -2147483648 to 2147483647";

    match value {
        Value::String(text) => Ok(ExtensionValue::String(text)),
        Value::Bool(value) => Ok(ExtensionValue::Boolean(value)),
        Value::Number(number) => {
            let integer = number.as_i64().and_then(|value| i32::try_from(value).ok());
            integer
                .map(ExtensionValue::Integer)
                .ok_or_else(|| validate::invalid(attribute, "is not a 32-bit integer", INTEGER))
        }
        other => Err(wrong_kind(
            attribute,
            &other,
            "a string, a boolean or a whole number",
        )),
    }
}

fn wrong_kind(attribute: &str, found: &Value, expected: &'static str) -> CloudEventError {
    CloudEventError::WrongKind {
        attribute: excerpt(attribute),
        found: kind(found),
        expected,
    }
}
