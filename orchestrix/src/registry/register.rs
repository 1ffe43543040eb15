//! The parts of a module, into the registry.

use std::sync::Arc;

use crate::aggregate::{AggregateInfo, CommandInfo};
use crate::message::EventType;
use crate::module::{OwnSubscription, Parts};
use crate::projection::ProjectionInfo;
use crate::saga::{self, SagaInfo};

use super::Registry;

/// The parts of one module.
#[derive(Debug)]
pub(super) struct ModuleInfo {
    pub(super) name: &'static str,
    pub(super) rust_type: &'static str,
    pub(super) aggregates: Vec<AggregateInfo>,
    pub(super) projections: Vec<ProjectionInfo>,
    pub(super) handlers: Vec<HandlerInfo>,
    pub(super) sagas: Vec<SagaInfo>,
    pub(super) commands: Vec<CommandInfo>,
}

/// An event handler, as the registry lists it.
#[derive(Debug)]
pub(super) struct HandlerInfo {
    pub(super) name: String,
    pub(super) subscription: String,
    pub(super) events: Vec<&'static EventType>,
}

/// A subscription of the user's own, as the registry lists it.
#[derive(Debug)]
pub(super) struct SubscriptionInfo {
    pub(super) name: String,
    pub(super) rust_type: &'static str,
    /// The stored names of the events it wants; none where it wants all.
    pub(super) events: Vec<Arc<str>>,
}

impl Registry {
    /// Adds a subscription of the user's own. The events it names need not be known.
    pub(crate) fn subscription(&mut self, subscription: &OwnSubscription) {
        self.subscriptions.push(SubscriptionInfo {
            name: subscription.name.clone(),
            rust_type: subscription.rust_type,
            events: subscription.filter.event_types.clone(),
        });
    }

    /// Adds a module with all of its parts and their events.
    pub(crate) fn register(&mut self, name: &'static str, rust_type: &'static str, parts: &Parts) {
        self.aggregate_types
            .extend(parts.aggregates.iter().map(|(type_id, _)| *type_id));
        let aggregates = parts.aggregates.iter().map(|(_, info)| info.clone());
        let projections = parts.projections.iter().map(|projection| projection.info());
        let projections = projections.chain(parts.tables.iter().map(|tables| tables.info()));
        let handlers = parts.handlers.iter().map(|handler| HandlerInfo {
            name: handler.name.to_string(),
            subscription: handler.subscription(name),
            events: handler.events.clone(),
        });
        let module = ModuleInfo {
            name,
            rust_type,
            aggregates: aggregates.collect(),
            projections: projections.collect(),
            handlers: handlers.collect(),
            sagas: parts.sagas.iter().map(|saga| saga.info()).collect(),
            commands: parts.commands.iter().map(|(_, info)| *info).collect(),
        };
        for event_type in module.events() {
            self.events.add(event_type);
        }
        if !module.sagas.is_empty() {
            for event_type in saga::history_types() {
                self.events.add(event_type);
            }
        }
        self.modules.push(module);
    }
}

impl ModuleInfo {
    fn events(&self) -> impl Iterator<Item = &'static EventType> + '_ {
        let aggregates = self.aggregates.iter().flat_map(|a| &a.events);
        let projections = self.projections.iter().flat_map(|p| &p.events);
        let handlers = self.handlers.iter().flat_map(|h| &h.events);
        let sagas = self.sagas.iter().flat_map(|s| &s.events);
        let all = aggregates.chain(projections).chain(handlers).chain(sagas);
        all.copied()
    }
}
