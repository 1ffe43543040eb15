//! An instance, as the fold of its history, and what it is to do next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::event::{SagaEvent, payload};
use super::{Graph, SagaOutcome, StepChange, StepShape};
use crate::message::{MessageId, Metadata};
use crate::store::{Payload, StreamVersion};

/// Where an instance is.
#[derive(Debug, Clone, Default)]
pub(super) struct Instance {
    pub(super) version: StreamVersion,
    pub(super) state: Option<Payload>,
    pub(super) shape: Vec<StepShape>,
    pub(super) trigger: Option<MessageId>,
    /// When it began, by the clock of the app that kept it.
    pub(super) began: Option<Timestamp>,
    /// The event that it began with, and what travelled with that.
    pub(super) cause: Option<(MessageId, Metadata)>,
    pub(super) results: Arc<BTreeMap<String, Payload>>,
    steps: BTreeMap<String, StepState>,
    /// In the order in which they were completed.
    completed: Vec<String>,
    undone: BTreeSet<String>,
    given_up: BTreeSet<String>,
    undoing: BTreeMap<String, u32>,
    turned: bool,
    pub(super) ended: Option<SagaOutcome>,
    pub(super) resolved: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StepState {
    /// With how many failures.
    Started(u32),
    Completed,
    Failed,
}

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// These steps are to run, those that run already among them.
    Run(Vec<usize>),
    /// This one is to be undone.
    Undo(usize),
    /// It has come to this.
    End(SagaOutcome),
    /// Nothing: it has ended.
    Nothing,
}

impl Instance {
    pub(super) fn apply(&mut self, event: &SagaEvent, id: MessageId, at: Timestamp) {
        self.version = self.version.next();
        match event {
            SagaEvent::Started(started) => {
                self.state = Some(payload(&started.state));
                self.shape = started.shape.clone();
                self.trigger = started.trigger;
                self.began = Some(at);
                self.cause = Some((id, started.metadata.clone()));
            }
            SagaEvent::StepStarted(started) => {
                self.steps
                    .insert(started.step.clone(), StepState::Started(0));
            }
            SagaEvent::StepCompleted(done) => {
                self.steps.insert(done.step.clone(), StepState::Completed);
                self.completed.push(done.step.clone());
                let result = payload(&done.result);
                Arc::make_mut(&mut self.results).insert(done.step.clone(), result);
                if let Some(state) = &done.state {
                    self.state = Some(payload(state));
                }
            }
            SagaEvent::StepFailed(failed) => {
                let state = match failed.is_final {
                    true => StepState::Failed,
                    false => StepState::Started(failed.attempt),
                };
                self.steps.insert(failed.step.clone(), state);
            }
            SagaEvent::CompensationBegan(_) => self.turned = true,
            SagaEvent::StepCompensated(done) => {
                self.undone.insert(done.step.clone());
                if let Some(state) = &done.state {
                    self.state = Some(payload(state));
                }
            }
            SagaEvent::CompensationFailed(failed) => {
                self.undoing.insert(failed.step.clone(), failed.attempt);
                if failed.is_final {
                    self.given_up.insert(failed.step.clone());
                }
            }
            SagaEvent::Ended(ended) => self.ended = Some(ended.outcome),
            SagaEvent::Resumed(_) => {
                self.ended = None;
                self.given_up.clear();
                self.undoing.clear();
            }
            SagaEvent::Resolved(_) => self.resolved = true,
            SagaEvent::Woken(_) => {}
            // Of sagas of reactions, which have no steps.
            SagaEvent::Reacted(_) | SagaEvent::CommandRejected(_) | SagaEvent::TimerFired(_) => {}
        }
    }

    /// What keeps it from going on with these steps: those it has begun that are no more, or come after others now.
    pub(super) fn changed(&self, graph: &Graph) -> Vec<StepChange> {
        let mut changed = Vec::new();
        for name in self.steps.keys() {
            let step = name.clone();
            let Some(at) = graph.find(name) else {
                changed.push(StepChange::Gone { step });
                continue;
            };
            let before = self.shape.iter().find(|shape| shape.name == *name);
            let now = graph.steps()[at].after;
            let is_same = |shape: &StepShape| {
                let all = shape.after.iter().all(|step| now.contains(&&**step));
                all && shape.after.len() == now.len()
            };
            if !before.is_none_or(is_same) {
                changed.push(StepChange::Moved { step });
            }
        }
        changed
    }

    /// What keeps it from going on with these steps, where there is something left to do.
    pub(super) fn changed_under_way(&self, graph: &Graph) -> Vec<StepChange> {
        match self.ended.is_some() || self.resolved {
            true => Vec::new(),
            false => self.changed(graph),
        }
    }

    /// How often a step has failed so far.
    pub(super) fn failures(&self, step: &str) -> u32 {
        match self.steps.get(step) {
            Some(StepState::Started(failures)) => *failures,
            _ => 0,
        }
    }

    /// How often undoing a step has failed so far.
    pub(super) fn failures_to_undo(&self, step: &str) -> u32 {
        self.undoing.get(step).copied().unwrap_or(0)
    }

    /// Whether what was completed is being undone, or about to be.
    pub(super) fn is_turned(&self) -> bool {
        self.turned || self.is_to_turn()
    }

    pub(super) fn is_started(&self, step: &str) -> bool {
        self.steps.contains_key(step)
    }

    /// Whether a step has failed for good, and nothing has been undone yet.
    pub(super) fn is_to_turn(&self) -> bool {
        !self.turned && self.steps.values().any(|step| *step == StepState::Failed)
    }

    /// Once a step has failed for good nothing begins any more; but what has begun runs to its end, so that it is known
    /// what is to be undone.
    pub(super) fn next(&self, graph: &Graph) -> Next {
        if self.ended.is_some() || self.resolved {
            return Next::Nothing;
        }
        let steps = graph.steps().iter().enumerate();
        let has_failed = self.turned || self.is_to_turn();
        let is_to_run = |name: &str, after: &[&str]| match self.steps.get(name) {
            Some(StepState::Started(_)) => true,
            Some(_) => false,
            None => {
                let is_done = |step: &&str| self.steps.get(*step) == Some(&StepState::Completed);
                !has_failed && after.iter().all(is_done)
            }
        };
        let to_run: Vec<usize> = steps
            .filter(|(_, step)| is_to_run(step.name, step.after))
            .map(|(at, _)| at)
            .collect();
        if !to_run.is_empty() {
            return Next::Run(to_run);
        }
        if !has_failed {
            return Next::End(SagaOutcome::Completed);
        }
        let to_undo = self.completed.iter().rev().find_map(|name| {
            let at = graph.find(name)?;
            graph.steps()[at].compensation?;
            let is_open = !self.undone.contains(name) && !self.given_up.contains(name);
            is_open.then_some(at)
        });
        match to_undo {
            Some(at) => Next::Undo(at),
            None if self.given_up.is_empty() => Next::End(SagaOutcome::Compensated),
            None => Next::End(SagaOutcome::CompensationFailed),
        }
    }
}
