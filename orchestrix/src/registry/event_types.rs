//! Event types by stored name and schema version.

use std::collections::BTreeMap;

use super::Problem;
use crate::message::EventType;

/// For generated code: an event announced by `#[derive(Event)]` to every registry of the program.
#[derive(Debug)]
pub struct AutoEvent(pub &'static EventType);

#[cfg(feature = "auto-register")]
inventory::collect!(AutoEvent);

/// Sorted, because the order in which linked events are found differs between targets.
#[derive(Debug, Default)]
pub(super) struct EventTypes(BTreeMap<&'static str, BTreeMap<u32, Vec<&'static EventType>>>);

impl EventTypes {
    pub(super) fn add(&mut self, event_type: &'static EventType) {
        let versions = self.0.entry(event_type.name()).or_default();
        let same = versions.entry(event_type.schema_version()).or_default();
        // By identity: two types in two functions of one module, or in two versions of one crate, have one path.
        if !same.iter().any(|known| std::ptr::eq(*known, event_type)) {
            same.push(event_type);
            same.sort_by_key(|known| known.rust_type());
        }
    }

    pub(super) fn current(&self, name: &str) -> Option<&'static EventType> {
        let (_, newest) = self.0.get(name)?.last_key_value()?;
        newest.first().copied()
    }

    pub(super) fn all_current(&self) -> impl Iterator<Item = &'static EventType> {
        self.0.keys().filter_map(|name| self.current(name))
    }

    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (name, versions) in &self.0 {
            for (schema_version, types) in versions {
                if let [first, second, ..] = types[..] {
                    problems.push(Problem::DuplicateEvent {
                        name,
                        schema_version: *schema_version,
                        first: first.rust_type(),
                        second: second.rust_type(),
                    });
                }
            }
            let current = self.current(name);
            let broken = current
                .into_iter()
                .flat_map(|known| known.chain().problems());
            problems.extend(broken.map(|source| Problem::Upcasters { source }));
        }
        problems
    }
}
