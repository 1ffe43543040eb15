//! An app, described.

use std::fmt::Write;

use serde::Serialize;

use super::Registry;
use crate::message::EventType;
use crate::saga::{Graph, SagaInfo};

/// What an app consists of: serialise it as JSON, or draw it with [`mermaid`](Description::mermaid).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Description {
    /// Its modules.
    pub modules: Vec<ModuleDescription>,
    /// Every event it knows, by name.
    pub events: Vec<EventDescription>,
    /// Subscriptions of its own, beside its event handlers and projections: name, events; none where it wants all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subscriptions: Vec<PartDescription>,
}

/// A module, described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ModuleDescription {
    /// Its name.
    pub name: String,
    /// Its aggregates: category, commands, events.
    pub aggregates: Vec<PartDescription>,
    /// Its projections: name, events.
    pub projections: Vec<PartDescription>,
    /// Its event handlers: subscription, events.
    pub handlers: Vec<PartDescription>,
    /// Commands that the module itself handles.
    pub commands: Vec<String>,
    /// Its sagas.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sagas: Vec<SagaDescription>,
}

/// A saga, described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SagaDescription {
    /// Its name.
    pub name: String,
    /// The events that start it.
    pub events: Vec<String>,
    /// Its steps as a flowchart in the language of Mermaid, compensations included.
    pub graph: String,
}

/// A part of a module, described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PartDescription {
    /// Its name.
    pub name: String,
    /// The commands it takes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
    /// The events it writes, where it is an aggregate, or reads.
    pub events: Vec<String>,
    /// Where it is an inline projection, the category of the streams whose appends write its documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inline: Option<String>,
}

/// An event, described.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EventDescription {
    /// Stored name.
    pub name: String,
    /// Its Rust type.
    pub rust_type: String,
    /// The schema versions that can be read; the last one is written.
    pub schema_versions: Vec<u32>,
}

impl SagaDescription {
    fn of(saga: &SagaInfo) -> Self {
        Self {
            name: saga.name.to_owned(),
            events: saga.events.iter().map(|e| e.name().to_owned()).collect(),
            // What is no graph was refused at the start.
            graph: saga.graph.as_ref().map(Graph::mermaid).unwrap_or_default(),
        }
    }
}

impl Registry {
    /// What was registered.
    pub fn describe(&self) -> Description {
        let part =
            |name: &str, commands: Vec<String>, events: &[&'static EventType]| PartDescription {
                name: name.to_owned(),
                commands,
                events: events.iter().map(|event| event.name().to_owned()).collect(),
                inline: None,
            };
        let modules = self.modules.iter().map(|module| ModuleDescription {
            name: module.name.to_owned(),
            aggregates: module
                .aggregates
                .iter()
                .map(|a| {
                    let commands = a.commands.iter().map(|c| c.name.to_owned()).collect();
                    part(a.category, commands, &a.events)
                })
                .collect(),
            projections: module
                .projections
                .iter()
                .map(|p| PartDescription {
                    inline: p.inline.map(str::to_owned),
                    ..part(p.name, vec![], &p.events)
                })
                .collect(),
            handlers: module
                .handlers
                .iter()
                .map(|h| part(&h.subscription, vec![], &h.events))
                .collect(),
            commands: module.commands.iter().map(|c| c.name.to_owned()).collect(),
            sagas: module.sagas.iter().map(SagaDescription::of).collect(),
        });
        let events = self.event_types().map(|event| EventDescription {
            name: event.name().to_owned(),
            rust_type: event.rust_type().to_owned(),
            schema_versions: event.chain().readable(),
        });
        let subscriptions = self.subscriptions.iter();
        let subscriptions = subscriptions.map(|subscription| PartDescription {
            name: subscription.name.clone(),
            commands: Vec::new(),
            events: subscription
                .events
                .iter()
                .map(ToString::to_string)
                .collect(),
            inline: None,
        });
        Description {
            modules: modules.collect(),
            events: events.collect(),
            subscriptions: subscriptions.collect(),
        }
    }
}

impl Description {
    /// A Mermaid flow chart: commands into aggregates and modules, events out of aggregates and into what reads them.
    pub fn mermaid(&self) -> String {
        let mut chart = String::from("flowchart LR\n");
        for module in &self.modules {
            let _ = writeln!(
                chart,
                "  subgraph {}[{}]",
                id("group", &module.name),
                label(&module.name)
            );
            for command in &module.commands {
                arrow(
                    &mut chart,
                    shape::command(command),
                    shape::module(&module.name),
                );
            }
            for aggregate in &module.aggregates {
                for command in &aggregate.commands {
                    arrow(
                        &mut chart,
                        shape::command(command),
                        shape::aggregate(&aggregate.name),
                    );
                }
                for event in &aggregate.events {
                    arrow(
                        &mut chart,
                        shape::aggregate(&aggregate.name),
                        shape::event(event),
                    );
                }
            }
            for projection in &module.projections {
                if let Some(category) = &projection.inline {
                    let (from, to) = (
                        shape::aggregate(category),
                        shape::projection(&projection.name),
                    );
                    // Writing to a string does not fail.
                    let _ = writeln!(chart, "    {from} == inline ==> {to}");
                }
                for event in &projection.events {
                    arrow(
                        &mut chart,
                        shape::event(event),
                        shape::projection(&projection.name),
                    );
                }
            }
            for handler in &module.handlers {
                for event in &handler.events {
                    arrow(
                        &mut chart,
                        shape::event(event),
                        shape::handler(&handler.name),
                    );
                }
            }
            for saga in &module.sagas {
                for event in &saga.events {
                    arrow(&mut chart, shape::event(event), shape::saga(&saga.name));
                }
            }
            chart.push_str("  end\n");
        }
        for subscription in &self.subscriptions {
            let reader = || shape::handler(&subscription.name);
            if subscription.events.is_empty() {
                arrow(&mut chart, shape::every_event(), reader());
            }
            for event in &subscription.events {
                arrow(&mut chart, shape::event(event), reader());
            }
        }
        chart
    }
}

fn arrow(chart: &mut String, from: String, to: String) {
    // Writing to a string does not fail.
    let _ = writeln!(chart, "    {from} --> {to}");
}

/// The nodes of the chart.
mod shape {
    use super::{id, label};

    pub(super) fn command(name: &str) -> String {
        format!("{}>{}]", id("cmd", name), label(name))
    }

    pub(super) fn module(name: &str) -> String {
        format!("{}[[{}]]", id("mod", name), label(name))
    }

    pub(super) fn aggregate(name: &str) -> String {
        format!("{}[{}]", id("agg", name), label(name))
    }

    pub(super) fn event(name: &str) -> String {
        format!("{}([{}])", id("evt", name), label(name))
    }

    pub(super) fn every_event() -> String {
        format!("every_event([{}])", label("every event"))
    }

    pub(super) fn projection(name: &str) -> String {
        format!("{}[({})]", id("prj", name), label(name))
    }

    pub(super) fn saga(name: &str) -> String {
        format!("{}{{{{{}}}}}", id("saga", name), label(name))
    }

    pub(super) fn handler(name: &str) -> String {
        format!("{}[/{}/]", id("sub", name), label(name))
    }
}

/// Names hold any character, identifiers of Mermaid do not.
fn id(kind: &str, name: &str) -> String {
    name.chars().fold(format!("{kind}_"), |mut id, c| {
        match c {
            c if c.is_ascii_alphanumeric() || c == '_' => id.push(c),
            c => id.push_str(&format!("_{:x}_", u32::from(c))),
        }
        id
    })
}

/// Text in quotes, with what would end or format it written as entities.
fn label(name: &str) -> String {
    let plain = name
        .replace('#', "#35;")
        .replace('"', "#quot;")
        .replace('<', "#lt;");
    format!("\"{plain}\"")
}
