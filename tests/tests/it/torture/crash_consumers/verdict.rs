//! What processes that consume events must leave behind, however often they are killed.

mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use ::tests::crash_bank::Handled;

use super::evidence::{Documents, Evidence, Logged, Sums};
use super::recount::{DEPOSITED, recount};

/// How far consumers must have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::torture) enum Extent {
    /// As far as their checkpoints say: they were killed.
    AsFarAsTheySay,
    /// To the end of the log: they were waited for.
    ToTheEnd,
}

/// What sound evidence comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::torture) struct Counts {
    /// Events that writers were told to be stored.
    pub(in crate::torture) acknowledged: usize,
    /// Events in the log: these, and those whose writers were killed before they were told.
    pub(in crate::torture) logged: usize,
    /// Events that the handler was given, each counted once.
    pub(in crate::torture) handled: usize,
    /// How often it was given one again.
    pub(in crate::torture) redelivered: usize,
}

/// What must not be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::torture) enum Violation {
    #[error("{stream} version {version} was acknowledged, and is not in the log")]
    Lost { stream: String, version: u64 },
    #[error("event {event_id} is in the log twice")]
    Doubled { event_id: String },
    #[error("the log has version {found} of {stream} where version {expected} belongs")]
    NotDense {
        stream: String,
        expected: u64,
        found: u64,
    },
    #[error("the log's position {after} comes behind position {before}")]
    LogOutOfOrder { before: u64, after: u64 },
    #[error(
        "{view} says {found:?} of {tenant}'s {key} at position {at}, the log says {expected:?}"
    )]
    WrongView {
        view: &'static str,
        tenant: String,
        key: String,
        at: u64,
        found: Option<Sums>,
        expected: Option<Sums>,
    },
    #[error("{consumer} is at position {at}, and the log goes to {end}")]
    Behind {
        consumer: &'static str,
        at: u64,
        end: u64,
    },
    #[error("the handler was never given version {version} of {stream}, and went past it")]
    Unhandled { stream: String, version: u64 },
    #[error("the handler was given version {version} of {stream}, which it does not wait for")]
    Imagined { stream: String, version: u64 },
    #[error("process {run} was given version {after} of {stream} behind version {before}")]
    OutOfOrder {
        run: usize,
        stream: String,
        before: u64,
        after: u64,
    },
    #[error("version {after} of {stream} was given for the first time behind version {before}")]
    FirstTimesOutOfOrder {
        stream: String,
        before: u64,
        after: u64,
    },
}

/// Proves from what was found that nothing was lost, nothing counted twice, and nothing kept from the handler or given
/// to it in another order.
pub(in crate::torture) fn judge(
    evidence: &Evidence,
    extent: Extent,
) -> Result<Counts, Vec<Violation>> {
    let mut violations = judge_contents(evidence);
    violations.extend(judge_processes(&evidence.runs));
    violations.extend(judge_first_times(&evidence.runs));
    if extent == Extent::ToTheEnd {
        violations.extend(judge_ends(evidence));
    }
    counted(evidence, violations)
}

/// The same where several processes consume beside each other, and were waited for. What they were given is one run, in
/// the order in which they did it. A process may be given an event again that was given to another meanwhile.
pub(in crate::torture) fn judge_nodes(evidence: &Evidence) -> Result<Counts, Vec<Violation>> {
    let mut violations = judge_contents(evidence);
    violations.extend(judge_first_times(&evidence.runs));
    violations.extend(judge_ends(evidence));
    counted(evidence, violations)
}

fn judge_contents(evidence: &Evidence) -> Vec<Violation> {
    let mut violations = judge_log(evidence);
    violations.extend(judge_views(evidence));
    violations.extend(judge_deliveries(evidence));
    violations
}

fn counted(evidence: &Evidence, violations: Vec<Violation>) -> Result<Counts, Vec<Violation>> {
    if !violations.is_empty() {
        return Err(violations);
    }
    let deliveries = evidence.runs.iter().flatten();
    let handled = deliveries.clone().collect::<HashSet<_>>().len();
    Ok(Counts {
        acknowledged: evidence.acknowledged.len(),
        logged: evidence.log.len(),
        handled,
        redelivered: deliveries.count() - handled,
    })
}

fn judge_log(evidence: &Evidence) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut stored = HashMap::new();
    let mut versions: HashMap<&str, u64> = HashMap::new();
    let mut before = 0;
    for event in &evidence.log {
        if event.position <= before {
            let after = event.position;
            violations.push(Violation::LogOutOfOrder { before, after });
        }
        before = event.position;
        let version = versions.entry(&event.stream).or_default();
        *version += 1;
        if *version != event.version {
            violations.push(Violation::NotDense {
                stream: event.stream.clone(),
                expected: *version,
                found: event.version,
            });
        }
        let place = (event.stream.as_str(), event.version);
        if stored.insert(event.event_id.as_str(), place).is_some() {
            let event_id = event.event_id.clone();
            violations.push(Violation::Doubled { event_id });
        }
    }
    let lost = evidence.acknowledged.iter().filter(|told| {
        stored.get(told.event_id.as_str()) != Some(&(told.stream.as_str(), told.version))
    });
    violations.extend(lost.map(|told| Violation::Lost {
        stream: told.stream.clone(),
        version: told.version,
    }));
    violations
}

fn judge_views(evidence: &Evidence) -> Vec<Violation> {
    let mut violations = Vec::new();
    for view in &evidence.views {
        let expected = recount(view.name, &evidence.log, view.checkpoint);
        for (tenant, key) in differing(&view.documents, &expected) {
            let place = (tenant.clone(), key.clone());
            violations.push(Violation::WrongView {
                view: view.name,
                at: view.checkpoint,
                found: view.documents.get(&place).copied(),
                expected: expected.get(&place).copied(),
                tenant,
                key,
            });
        }
    }
    violations
}

fn differing(found: &Documents, expected: &Documents) -> BTreeSet<(String, String)> {
    let places = found.keys().chain(expected.keys());
    let differ = places.filter(|place| found.get(*place) != expected.get(*place));
    differ.cloned().collect()
}

/// What the handler was given is what it waits for, and all of it up to its checkpoint.
fn judge_deliveries(evidence: &Evidence) -> Vec<Violation> {
    let awaited = |event: &&Logged| event.event_type == DEPOSITED;
    let awaited: BTreeMap<u64, Handled> = evidence
        .log
        .iter()
        .filter(awaited)
        .map(|event| (event.position, delivery(event)))
        .collect();
    let given: HashSet<&Handled> = evidence.runs.iter().flatten().collect();
    let unhandled = awaited
        .range(..=evidence.handler_checkpoint)
        .filter(|(_, delivery)| !given.contains(delivery))
        .map(|(_, delivery)| Violation::Unhandled {
            stream: delivery.stream.clone(),
            version: delivery.version,
        });
    let imagined = given
        .iter()
        .filter(|given| awaited.get(&given.position) != Some(**given))
        .map(|given| Violation::Imagined {
            stream: given.stream.clone(),
            version: given.version,
        });
    unhandled.chain(imagined).collect()
}

fn delivery(event: &Logged) -> Handled {
    Handled {
        stream: event.stream.clone(),
        version: event.version,
        position: event.position,
    }
}

/// Within a process the versions of a stream only grow: what comes again comes with what follows it, in order.
fn judge_processes(runs: &[Vec<Handled>]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (run, deliveries) in runs.iter().enumerate() {
        let mut last: HashMap<&str, u64> = HashMap::new();
        for given in deliveries {
            let after = given.version;
            let before = last.insert(&given.stream, after).unwrap_or(0);
            if after <= before {
                violations.push(Violation::OutOfOrder {
                    run,
                    stream: given.stream.clone(),
                    before,
                    after,
                });
            }
        }
    }
    violations
}

/// Over all processes, versions are given for the first time in their order.
fn judge_first_times(runs: &[Vec<Handled>]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut furthest: HashMap<&str, u64> = HashMap::new();
    let mut seen: HashSet<&Handled> = HashSet::new();
    for given in runs.iter().flatten().filter(|given| seen.insert(given)) {
        let after = given.version;
        let furthest = furthest.entry(&given.stream).or_default();
        if after <= *furthest {
            violations.push(Violation::FirstTimesOutOfOrder {
                stream: given.stream.clone(),
                before: *furthest,
                after,
            });
        }
        *furthest = after.max(*furthest);
    }
    violations
}

fn judge_ends(evidence: &Evidence) -> Vec<Violation> {
    let end = evidence.log.last().map_or(0, |event| event.position);
    let views = evidence.views.iter();
    let consumers = views.map(|view| (view.name, view.checkpoint));
    consumers
        .chain([("the handler", evidence.handler_checkpoint)])
        .filter(|(_, at)| *at < end)
        .map(|(consumer, at)| Violation::Behind { consumer, at, end })
        .collect()
}
