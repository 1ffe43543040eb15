//! The scenarios as the file has them.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// An object whose keys keep their order: parameters are given by place.
#[derive(Debug, Clone)]
pub(super) struct InOrder<V>(pub(super) Vec<(String, V)>);

#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    pub(super) page: String,
    pub(super) scenario: Scenario,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Scenario {
    pub(super) meta: Meta,
    #[serde(default)]
    pub(super) event_definitions: Vec<EventDefinition>,
    #[serde(default, rename = "commandDefinitions")]
    _command_definitions: Vec<Value>,
    #[serde(default)]
    pub(super) projections: Vec<ProjectionDefinition>,
    #[serde(default)]
    pub(super) command_handler_definitions: Vec<HandlerDefinition>,
    pub(super) test_cases: Vec<Case>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Meta {
    pub(super) id: Option<String>,
    pub(super) extends: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventDefinition {
    pub(super) name: String,
    pub(super) tag_resolvers: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ProjectionDefinition {
    pub(super) name: String,
    pub(super) parameter_schema: Option<ParameterSchema>,
    pub(super) state_schema: StateSchema,
    /// Event types, and what becomes of the state.
    pub(super) handlers: InOrder<String>,
    #[serde(default)]
    pub(super) tag_filters: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct ParameterSchema {
    pub(super) properties: InOrder<Value>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct StateSchema {
    pub(super) default: Option<Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct HandlerDefinition {
    pub(super) command_name: String,
    pub(super) decision_models: Vec<ModelReference>,
    pub(super) constraint_checks: Vec<Check>,
    pub(super) success_event: EventTemplate,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelReference {
    pub(super) name: String,
    pub(super) parameters: Vec<String>,
}

/// A command for which the condition is true is refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Check {
    pub(super) condition: String,
    pub(super) error_message: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventTemplate {
    #[serde(rename = "type")]
    pub(super) event_type: String,
    pub(super) data: Value,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Case {
    pub(super) description: String,
    pub(super) given_events: Option<Vec<GivenEvent>>,
    pub(super) when_command: Command,
    pub(super) then_expected_event: Option<EventTemplate>,
    pub(super) then_expected_error: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenEvent {
    #[serde(rename = "type")]
    pub(super) event_type: String,
    pub(super) data: Value,
    #[serde(default)]
    pub(super) metadata: serde_json::Map<String, Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Command {
    #[serde(rename = "type")]
    pub(super) command_type: String,
    pub(super) data: Value,
}

impl Scenario {
    /// With all that the scenario has which it extends; what both have, it has in its own way.
    pub(super) fn extended(mut self, base: &Self) -> Self {
        inherit(
            &mut self.event_definitions,
            &base.event_definitions,
            |event| &event.name,
        );
        inherit(&mut self.projections, &base.projections, |projection| {
            &projection.name
        });
        inherit(
            &mut self.command_handler_definitions,
            &base.command_handler_definitions,
            |handler| &handler.command_name,
        );
        self
    }
}

fn inherit<T: Clone>(own: &mut Vec<T>, base: &[T], name: fn(&T) -> &str) {
    for inherited in base {
        if !own.iter().any(|one| name(one) == name(inherited)) {
            own.push(inherited.clone());
        }
    }
}

impl<V> InOrder<V> {
    pub(super) fn get(&self, key: &str) -> Option<&V> {
        let found = self.0.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value)
    }
}

impl<'de, V: DeserializeOwned> Deserialize<'de> for InOrder<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrderVisitor(PhantomData))
    }
}

struct InOrderVisitor<V>(PhantomData<V>);

impl<'de, V: DeserializeOwned> Visitor<'de> for InOrderVisitor<V> {
    type Value = InOrder<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<InOrder<V>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(InOrder(entries))
    }
}
