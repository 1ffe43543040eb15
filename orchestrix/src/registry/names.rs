//! Names: each stands for one thing, and every store can keep it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Problem, Registry};
use crate::projection::Projection;
use crate::saga::SagaRecord;
use crate::store::{MAX_EVENT_TYPE_BYTES, NameError, StreamId, check_name};
use crate::subscription::MAX_SUBSCRIPTION_NAME_BYTES;

/// What a name is called where its error stands beside its kind.
const WHAT: &str = "the name";

/// Lanes are named after their subscriptions with the first, builds of read models with the second.
const RESERVED: [char; 2] = ['#', '~'];

impl Registry {
    /// All names that are wrong, and all that are taken more than once.
    pub(super) fn name_problems(&self) -> Vec<Problem> {
        let mut names = Names::default();
        for event in self.event_types() {
            let checked = |name: &str| check_name(WHAT, name, MAX_EVENT_TYPE_BYTES);
            names.fits("event", event.name(), event.rust_type(), &checked);
        }
        // What is wrong with a projection or a handler is not told again of the subscription that is named after it.
        let mut read_models = BTreeSet::new();
        if self.has_sagas() {
            // Every app with sagas has this one.
            names.taken("projection", SagaRecord::NAME, "the records of sagas");
        }
        for module in &self.modules {
            let is_named = names.one("module", module.name, module.rust_type);
            for aggregate in &module.aggregates {
                let (category, owner) = (aggregate.category, aggregate.rust_type);
                // The shortest key there can be.
                let checked = |category: &str| StreamId::new(category, "0").map(drop);
                names.fits("aggregate category", category, owner, &checked);
                names.taken("aggregate category", category, owner);
            }
            let of_aggregates = module.aggregates.iter().flat_map(|a| &a.commands);
            for command in of_aggregates.chain(&module.commands) {
                names.one("command", command.name, command.rust_type);
            }
            for projection in &module.projections {
                let (name, owner) = (projection.name, projection.rust_type);
                if names.one("projection", name, owner)
                    && read_models.insert(&projection.subscription)
                {
                    names.one("subscription", &projection.subscription, owner);
                }
            }
            for saga in &module.sagas {
                let (name, owner) = (saga.name, saga.rust_type);
                // The saga's name and the key are told apart by the hyphen; the shortest key there can be.
                let checked = |name: &str| match name.contains('-') {
                    true => Err(NameError::HyphenInCategory {
                        category: name.into(),
                    }),
                    false => check_bound(name),
                };
                names.taken("saga", name, owner);
                if names.fits("saga", name, owner, &checked) {
                    names.one("subscription", &saga.subscription, owner);
                }
            }
            for handler in &module.handlers {
                let (name, owner) = (handler.name.as_str(), module.rust_type);
                if names.fits("event handler", name, owner, &check_bound) && is_named {
                    names.one("subscription", &handler.subscription, owner);
                }
            }
        }
        for subscription in &self.subscriptions {
            let (name, owner) = (subscription.name.as_str(), subscription.rust_type);
            names.one("subscription", name, owner);
            if let Some(character) = name.chars().find(|c| RESERVED.contains(c)) {
                names.unfit.push(Problem::ReservedName {
                    name: name.to_owned(),
                    owner: owner.to_owned(),
                    character,
                });
            }
        }
        names.problems()
    }
}

/// Every name of one kind, with those who have it.
#[derive(Default)]
struct Names<'a> {
    owners: BTreeMap<(&'static str, &'a str), Vec<&'a str>>,
    unfit: Vec<Problem>,
}

impl<'a> Names<'a> {
    /// A name that is for one owner only, and bounded like a subscription's. Whether it keeps the bound.
    fn one(&mut self, kind: &'static str, name: &'a str, owner: &'a str) -> bool {
        self.taken(kind, name, owner);
        self.fits(kind, name, owner, &check_bound)
    }

    fn fits(
        &mut self,
        kind: &'static str,
        name: &str,
        owner: &str,
        check: &dyn Fn(&str) -> Result<(), NameError>,
    ) -> bool {
        let Err(source) = check(name) else {
            return true;
        };
        self.unfit.push(Problem::InvalidName {
            kind,
            name: name.to_owned(),
            owner: owner.to_owned(),
            source,
        });
        false
    }

    fn taken(&mut self, kind: &'static str, name: &'a str, owner: &'a str) {
        self.owners.entry((kind, name)).or_default().push(owner);
    }

    fn problems(self) -> Vec<Problem> {
        let doubled = self.owners.into_iter().filter(|(_, all)| all.len() > 1);
        let doubled = doubled.map(|((kind, name), owners)| Problem::DuplicateName {
            kind,
            name: name.to_owned(),
            owners: owners.into_iter().map(str::to_owned).collect(),
        });
        self.unfit.into_iter().chain(doubled).collect()
    }
}

fn check_bound(name: &str) -> Result<(), NameError> {
    check_name(WHAT, name, MAX_SUBSCRIPTION_NAME_BYTES)
}
