//! Every event, aggregate, command, projection and handler of an app, checked as a whole when it starts.

mod description;
mod event_types;
mod names;
mod problem;
mod register;

use std::any::TypeId;
use std::collections::HashSet;

use crate::aggregate::Aggregate;
use crate::message::{DecodeError, Event, EventType};
use crate::store::RecordedEvent;

pub use description::{Description, EventDescription, ModuleDescription, PartDescription};
pub use event_types::AutoEvent;
use event_types::EventTypes;
pub use problem::{Problem, Problems};
use register::{ModuleInfo, SubscriptionInfo};

/// What an app knows. Built by the app's builder from its modules, and from the events linked into the program.
///
/// ```
/// use orchestrix::prelude::*;
/// use orchestrix::registry::Registry;
///
/// #[derive(Event, Serialize, Deserialize)]
/// struct Sold { pence: i64 }
///
/// let mut registry = Registry::empty();
/// registry.event::<Sold>();
/// registry.verify()?;
/// assert_eq!(registry.event_type("Sold").map(|known| known.schema_version()), Some(1));
/// # Ok::<(), orchestrix::registry::Problems>(())
/// ```
#[derive(Debug, Default)]
pub struct Registry {
    events: EventTypes,
    modules: Vec<ModuleInfo>,
    subscriptions: Vec<SubscriptionInfo>,
    aggregate_types: HashSet<TypeId>,
}

impl Registry {
    /// A registry that knows nothing.
    pub fn empty() -> Self {
        Self::default()
    }

    /// A registry that knows every event linked into the program. A crate that nothing names is not linked: say
    /// `use my_domain as _;`.
    #[cfg(feature = "auto-register")]
    pub fn linked() -> Self {
        let mut registry = Self::default();
        for event in inventory::iter::<AutoEvent> {
            registry.events.add(event.0);
        }
        registry
    }

    /// Adds the types of an event. Adding them again changes nothing.
    pub fn event<E: Event>(&mut self) {
        for event_type in E::types() {
            self.events.add(event_type);
        }
    }

    pub(crate) fn has_aggregate<A: Aggregate>(&self) -> bool {
        self.aggregate_types.contains(&TypeId::of::<A>())
    }

    pub(crate) fn has_sagas(&self) -> bool {
        self.modules.iter().any(|module| !module.sagas.is_empty())
    }

    pub(crate) fn has_saga(&self, name: &str) -> bool {
        let mut sagas = self.modules.iter().flat_map(|module| &module.sagas);
        sagas.any(|saga| saga.name == name)
    }

    /// The current type of an event by its stored name.
    pub fn event_type(&self, name: &str) -> Option<&'static EventType> {
        self.events.current(name)
    }

    /// The current types of all events, by name.
    pub fn event_types(&self) -> impl Iterator<Item = &'static EventType> {
        self.events.all_current()
    }

    /// A stored event's body in the current shape, as JSON, through its upcasters.
    ///
    /// # Errors
    /// [`DecodeError`]; an unknown name lists the known ones.
    pub fn current_json(&self, event: &RecordedEvent) -> Result<serde_json::Value, DecodeError> {
        match self.event_type(event.event_type()) {
            Some(event_type) => event_type.current(&event.data),
            None => Err(DecodeError::Unknown {
                event_type: event.event_type().to_owned(),
                known: self.event_types().map(EventType::name).collect(),
            }),
        }
    }

    /// Checks everything at once.
    ///
    /// # Errors
    /// All problems there are, in a stable order.
    pub fn verify(&self) -> Result<(), Problems> {
        let mut problems = self.events.problems();
        self.check_uses(&mut problems);
        problems.extend(self.name_problems());
        problems.sort_by_key(ToString::to_string);
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Problems(problems)),
        }
    }

    /// Every event that is used must be the current version of its name.
    fn check_uses(&self, problems: &mut Vec<Problem>) {
        let mut check = |user: String, events: &[&'static EventType]| {
            for used in events {
                let current = self.events.current(used.name());
                if let Some(current) =
                    current.filter(|c| c.schema_version() > used.schema_version())
                {
                    problems.push(Problem::OutdatedEvent {
                        user: user.clone(),
                        used,
                        current,
                    });
                }
            }
        };
        for module in &self.modules {
            for aggregate in &module.aggregates {
                check(
                    format!("aggregate `{}`", aggregate.category),
                    &aggregate.events,
                );
            }
            for projection in &module.projections {
                check(
                    format!("projection `{}`", projection.name),
                    &projection.events,
                );
            }
            for saga in &module.sagas {
                check(format!("saga `{}`", saga.name), &saga.events);
            }
            for handler in &module.handlers {
                check(
                    format!("event handler `{}`", handler.subscription),
                    &handler.events,
                );
            }
        }
    }
}
