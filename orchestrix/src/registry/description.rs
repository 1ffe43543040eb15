//! An app, described.

use std::fmt::Write;

use serde::Serialize;

use super::Registry;
use crate::message::EventType;

/// What an app consists of: serialise it as JSON, or draw it with [`mermaid`](Description::mermaid).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Description {
    /// Its modules.
    pub modules: Vec<ModuleDescription>,
    /// Every event it knows, by name.
    pub events: Vec<EventDescription>,
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

impl Registry {
    /// What was registered.
    pub fn describe(&self) -> Description {
        let part = |name: &str, commands: Vec<String>, events: &[&'static EventType]| PartDescription {
            name: name.to_owned(),
            commands,
            events: events.iter().map(|event| event.name().to_owned()).collect(),
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
            projections: module.projections.iter().map(|p| part(p.name, vec![], &p.events)).collect(),
            handlers: module.handlers.iter().map(|h| part(&h.subscription, vec![], &h.events)).collect(),
            commands: module.commands.iter().map(|c| c.name.to_owned()).collect(),
        });
        let events = self.event_types().map(|event| EventDescription {
            name: event.name().to_owned(),
            rust_type: event.rust_type().to_owned(),
            schema_versions: event.chain().readable(),
        });
        Description {
            modules: modules.collect(),
            events: events.collect(),
        }
    }
}

impl Description {
    /// A Mermaid flow chart: commands into aggregates and modules, events out of aggregates and into what reads them.
    pub fn mermaid(&self) -> String {
        let mut chart = String::from("flowchart LR\n");
        for module in &self.modules {
            let _ = writeln!(chart, "  subgraph {}", module.name);
            let _ = module.commands.iter().try_for_each(|c| {
                writeln!(chart, "    cmd_{c}>{c}] --> mod_{m}[[{m}]]", m = module.name)
            });
            for aggregate in &module.aggregates {
                let a = &aggregate.name;
                for c in &aggregate.commands {
                    let _ = writeln!(chart, "    cmd_{c}>{c}] --> agg_{a}[{a}]");
                }
                for e in &aggregate.events {
                    let _ = writeln!(chart, "    agg_{a}[{a}] --> evt_{e}([{e}])");
                }
            }
            for (kind, parts) in [("prj", &module.projections), ("sub", &module.handlers)] {
                for part in parts {
                    let id = part.name.replace('.', "_");
                    for e in &part.events {
                        let _ = writeln!(chart, "    evt_{e}([{e}]) --> {kind}_{id}[({})]", part.name);
                    }
                }
            }
            chart.push_str("  end\n");
        }
        chart
    }
}
