//! A command of a scenario: what it rests on, and what it comes to.

use orchestrix::prelude::*;
use orchestrix::store::{EventQuery, QueryItem, Tag};
use serde_json::{Map, Value};

use super::definition::{Command, HandlerDefinition, ProjectionDefinition, Scenario};
use super::evaluate::{Js, Names, evaluate, is_truthy};
use super::expression::parse;
use super::happened::Happened;
use super::template;

/// What the scenario says no with.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// As a check says.
    #[error("{0}")]
    Check(String),
    /// The scenario holds something that this interpreter does not know.
    #[error("the scenario cannot be run: {0}")]
    Unknown(String),
}

/// All events that the decision rests on; the scenario's projections fold them.
#[derive(Default)]
pub(super) struct Matching(Vec<Happened>);

impl DecisionModel for Matching {
    type Event = Happened;

    fn apply(&mut self, event: &Happened) {
        self.0.push(event.clone());
    }
}

/// A scenario's handler, with the command it handles.
pub(super) struct Decider<'a> {
    scenario: &'a Scenario,
    handler: &'a HandlerDefinition,
    command: Names,
    projections: Vec<Projected<'a>>,
}

/// A projection with its parameters.
struct Projected<'a> {
    definition: &'a ProjectionDefinition,
    parameters: Names,
    item: QueryItem,
}

impl<'a> Decider<'a> {
    pub(super) fn new(scenario: &'a Scenario, command: &Command) -> Result<Self, String> {
        let handler = scenario
            .command_handler_definitions
            .iter()
            .find(|handler| handler.command_name == command.command_type)
            .ok_or_else(|| format!("nothing handles `{}`", command.command_type))?;
        let names = Names::from([("command".to_owned(), Some(command.data.clone()))]);
        let mut projections = Vec::new();
        for model in &handler.decision_models {
            let definition = scenario
                .projections
                .iter()
                .find(|projection| projection.name == model.name)
                .ok_or_else(|| format!("no projection `{}`", model.name))?;
            projections.push(Projected::new(definition, &model.parameters, &names)?);
        }
        Ok(Self {
            scenario,
            handler,
            command: names,
            projections,
        })
    }

    /// What any of its projections rests on.
    pub(super) fn query(&self) -> EventQuery {
        let items = self.projections.iter().map(|one| one.item.clone());
        items.fold(EventQuery::all(), EventQuery::or)
    }

    pub(super) fn decide(&self, matching: &Matching) -> Result<[Happened; 1], Refusal> {
        let mut names = self.command.clone();
        let mut states = Map::new();
        for projected in &self.projections {
            let state = projected.fold(&matching.0).map_err(Refusal::Unknown)?;
            if let Some(state) = state {
                states.insert(projected.definition.name.clone(), state);
            }
        }
        names.insert("state".to_owned(), Some(Value::Object(states)));
        for check in &self.handler.constraint_checks {
            let condition = parse(&check.condition).map_err(Refusal::Unknown)?;
            if is_truthy(&evaluate(&condition, &names).map_err(Refusal::Unknown)?) {
                let message = template::text(&check.error_message, &names);
                return Err(message.map_or_else(Refusal::Unknown, Refusal::Check));
            }
        }
        let success = &self.handler.success_event;
        let data = template::data(&success.data, &names).map_err(Refusal::Unknown)?;
        let event = tagged(self.scenario, &success.event_type, data);
        Ok([event.map_err(Refusal::Unknown)?])
    }
}

impl<'a> Projected<'a> {
    fn new(
        definition: &'a ProjectionDefinition,
        arguments: &[String],
        command: &Names,
    ) -> Result<Self, String> {
        let schema = definition.parameter_schema.as_ref();
        let expected = schema.map_or(&[][..], |schema| &schema.properties.0[..]);
        if expected.len() != arguments.len() {
            return Err(format!(
                "`{}` takes {} parameters, not {}",
                definition.name,
                expected.len(),
                arguments.len()
            ));
        }
        let mut parameters = Names::new();
        for ((name, _), argument) in expected.iter().zip(arguments) {
            parameters.insert(name.clone(), evaluate(&parse(argument)?, command)?);
        }
        let mut tags = Vec::new();
        for filter in &definition.tag_filters {
            tags.push(tag(&template::text(filter, &parameters)?)?);
        }
        let types = definition.handlers.0.iter().map(|(name, _)| name.as_str());
        Ok(Self {
            item: QueryItem::tagged(tags).event_types(types),
            definition,
            parameters,
        })
    }

    /// What the projection's own events come to, of all that any projection rests on.
    fn fold(&self, events: &[Happened]) -> Result<Js, String> {
        let mut state = self.definition.state_schema.default.clone();
        for event in events {
            let is_tagged = self.item.tags().iter().all(|tag| event.tags.contains(tag));
            let handler = self.definition.handlers.get(event.name());
            if let (true, Some(handler)) = (is_tagged, handler) {
                let mut names = self.parameters.clone();
                names.insert("state".to_owned(), state);
                names.insert("event".to_owned(), Some(event.as_value()));
                state = evaluate(&parse(handler)?, &names)?;
            }
        }
        Ok(state)
    }
}

/// An event with the tags that its definition gives it.
pub(super) fn tagged(scenario: &Scenario, name: &str, data: Value) -> Result<Happened, String> {
    let definition = scenario
        .event_definitions
        .iter()
        .find(|event| event.name == name)
        .ok_or_else(|| format!("no event `{name}` is defined"))?;
    let names = Names::from([("data".to_owned(), Some(data.clone()))]);
    let mut tags = Vec::new();
    for resolver in &definition.tag_resolvers {
        tags.push(tag(&template::text(resolver, &names)?)?);
    }
    Ok(Happened::new(name, data, tags))
}

fn tag(text: &str) -> Result<Tag, String> {
    Tag::new(text).map_err(|error| error.to_string())
}
