//! Runs an instance: steps, their failures, and their compensations, each kept before the next.

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::watch;
use tracing::{Instrument, info_span};

use super::event::{
    self, CompensationFailed, SagaEvent, StepCompensated, StepCompleted, StepFailed,
};
use super::history::{self, text_of};
use super::instance::{Instance, Next};
use super::trouble::{Trouble, insist};
use super::{Compensation, Graph, Saga, SagaContext, StepError, StepRetry};
use crate::app::Core;
use crate::message::{MessageId, Metadata};
use crate::store::{IdempotencyKey, Payload, StreamId};
use crate::subscription::panic;
use crate::{telemetry, tenant};

/// Goes on with instances of one saga.
pub(super) struct Driver<S> {
    core: Arc<Core>,
    graph: Graph,
    stop: watch::Receiver<bool>,
    saga: PhantomData<fn() -> S>,
}

impl<S> Clone for Driver<S> {
    fn clone(&self) -> Self {
        Self {
            core: self.core.clone(),
            graph: self.graph,
            stop: self.stop.clone(),
            saga: PhantomData,
        }
    }
}

/// A step, or the compensation of one, that is about to be called.
#[derive(Clone, Copy)]
struct Part {
    /// The place of the step.
    at: usize,
    name: &'static str,
    attempt: u32,
    timeout: Duration,
    changes_state: bool,
    undoes: bool,
}

/// A call of a step or a compensation that has ended.
struct Ran {
    at: usize,
    attempt: u32,
    /// None, where it was to wait, and was stopped before.
    outcome: Option<Result<Done, StepError>>,
    /// Of the command that it came to, and that was not carried out.
    open: Option<IdempotencyKey>,
}

struct Done {
    result: Payload,
    /// Where it changes the state.
    state: Option<Payload>,
}

impl<S: Saga> Driver<S> {
    pub(super) fn new(core: Arc<Core>, graph: Graph, stop: watch::Receiver<bool>) -> Self {
        Self {
            core,
            graph,
            stop,
            saga: PhantomData,
        }
    }

    /// Runs an instance to its end, unless it is stopped before.
    pub(super) async fn drive(&self, stream: &StreamId, from: Instance) -> Result<(), Trouble> {
        let mut instance = from;
        let mut running: FuturesUnordered<BoxFuture<'static, Ran>> = FuturesUnordered::new();
        let mut under_way = BTreeSet::new();
        let mut waits: BTreeMap<usize, Duration> = BTreeMap::new();
        // Steps that were given up once. Where their command turns out to have been carried out they are called again, and
        // what comes of that is kept.
        let mut given_up = BTreeSet::new();
        loop {
            let stopped = *self.stop.borrow();
            let mut never = None;
            let happened = match instance.next(&self.graph) {
                Next::Nothing => return Ok(()),
                // Should it have come to that before it was kept.
                Next::End(_) => Vec::new(),
                Next::Run(steps) => {
                    if !stopped {
                        let fresh = steps.into_iter().filter(|at| !under_way.contains(at));
                        let fresh: Vec<usize> = fresh.collect();
                        let name = |at: &&usize| self.graph.steps()[**at].name;
                        if fresh.iter().any(|at| !instance.is_started(name(&at))) {
                            instance = self.keep(stream, instance, Vec::new(), None).await?.0;
                            continue;
                        }
                        for at in fresh {
                            let wait = waits.remove(&at).unwrap_or_default();
                            let part = self.step(&instance, at);
                            running.push(self.call(stream, &instance, part, wait)?);
                            under_way.insert(at);
                        }
                    }
                    let Some(ran) = running.next().await else {
                        return Err(Trouble::Stopped);
                    };
                    under_way.remove(&ran.at);
                    let Some(outcome) = &ran.outcome else {
                        continue;
                    };
                    let (event, wait) = self.step_ran(&ran, outcome)?;
                    // Once it is given up, nobody who was held up in it may go on: it would not be undone.
                    if outcome.is_err() && wait.is_none() && given_up.insert(ran.at) {
                        never = ran.open.clone();
                    }
                    waits.extend(wait.map(|wait| (ran.at, wait)));
                    vec![event]
                }
                Next::Undo(at) => {
                    if stopped {
                        return Err(Trouble::Stopped);
                    }
                    let Some(undo) = self.graph.steps()[at].compensation else {
                        return Err(Trouble::last("a step without compensation is to be undone"));
                    };
                    let wait = waits.remove(&at).unwrap_or_default();
                    let part = self.undo(&instance, at, undo);
                    let ran = self.call(stream, &instance, part, wait)?.await;
                    let Some(outcome) = &ran.outcome else {
                        continue;
                    };
                    let (event, wait) = self.undone(&ran, outcome, undo)?;
                    waits.extend(wait.map(|wait| (at, wait)));
                    vec![event]
                }
            };
            let (next, is_kept) = self
                .keep(stream, instance, happened, never.as_ref())
                .await?;
            instance = next;
            if !is_kept {
                // Somebody else goes on with it, or did something to it: what runs here may be another's by now, and
                // what it does through the context has its effect once.
                running.clear();
                under_way.clear();
                waits.clear();
            }
        }
    }

    /// Keeps what happened; says whether it was kept, and where the instance is now.
    async fn keep(
        &self,
        stream: &StreamId,
        instance: Instance,
        happened: Vec<SagaEvent>,
        never: Option<&IdempotencyKey>,
    ) -> Result<(Instance, bool), Trouble> {
        let kept = insist(&self.stop, "keeping a saga's history", || {
            let happened = happened.clone();
            Box::pin(history::keep(
                &self.core,
                stream,
                &self.graph,
                &instance,
                happened,
                never,
            ))
        });
        match kept.await? {
            Some(instance) => Ok((instance, true)),
            None => Ok((self.load(stream).await?, false)),
        }
    }

    pub(super) async fn load(&self, stream: &StreamId) -> Result<Instance, Trouble> {
        insist(&self.stop, "reading a saga's history", || {
            Box::pin(history::load(&self.core, stream))
        })
        .await
    }

    fn step(&self, instance: &Instance, at: usize) -> Part {
        let step = self.graph.steps()[at];
        Part {
            at,
            name: step.name,
            attempt: instance.failures(step.name) + 1,
            timeout: step.timeout,
            changes_state: step.changes_state,
            undoes: false,
        }
    }

    fn undo(&self, instance: &Instance, at: usize, undo: Compensation) -> Part {
        Part {
            at,
            name: undo.name,
            attempt: instance.failures_to_undo(self.graph.steps()[at].name) + 1,
            timeout: undo.timeout,
            changes_state: undo.changes_state,
            undoes: true,
        }
    }

    /// Calls a step or a compensation, after a wait.
    fn call(
        &self,
        stream: &StreamId,
        instance: &Instance,
        part: Part,
        wait: Duration,
    ) -> Result<BoxFuture<'static, Ran>, Trouble> {
        let mut state: S = state(instance)?;
        let Part { at, attempt, .. } = part;
        let cx = self.context(stream, instance, part.name, attempt);
        let span = info_span!(
            telemetry::SAGA_STEP,
            { telemetry::SAGA } = S::NAME,
            { telemetry::STREAM } = %stream,
            { telemetry::STEP } = part.name,
            { telemetry::ATTEMPTS } = attempt,
        );
        let stop = self.stop.clone();
        let ran = async move {
            if !waited(stop, wait).await {
                return Ran {
                    at,
                    attempt,
                    outcome: None,
                    open: None,
                };
            }
            let called = match part.undoes {
                false => within(part.timeout, S::run(&mut state, at, &cx)).await,
                true => within(part.timeout, S::compensate(&mut state, at, &cx))
                    .await
                    .and_then(|()| Payload::of(&()).map_err(StepError::terminal)),
            };
            let outcome = called.and_then(|result| {
                let state = part.changes_state.then(|| Payload::of(&state)).transpose();
                let state = state.map_err(StepError::terminal)?;
                Ok(Done { result, state })
            });
            Ran {
                at,
                attempt,
                outcome: Some(outcome),
                // A compensation that is given up may be tried again, and is never decided against.
                open: cx.open_key().filter(|_| !part.undoes),
            }
        };
        let tenant = stream.tenant().clone();
        Ok(Box::pin(tenant::scope(tenant, ran).instrument(span)))
    }

    fn context(
        &self,
        stream: &StreamId,
        instance: &Instance,
        part: &'static str,
        attempt: u32,
    ) -> SagaContext {
        let none = || (MessageId::new(), Metadata::default());
        SagaContext::new(
            self.core.clone(),
            (S::NAME, stream.clone()),
            (part, attempt),
            instance.results.clone(),
            instance.cause.clone().unwrap_or_else(none),
        )
    }

    /// What is kept of a step's call, and how long to wait before the next one.
    fn step_ran(
        &self,
        ran: &Ran,
        outcome: &Result<Done, StepError>,
    ) -> Result<(SagaEvent, Option<Duration>), Trouble> {
        let step = self.graph.steps()[ran.at];
        let name = step.name.to_owned();
        match outcome {
            Ok(done) => {
                let completed = StepCompleted {
                    step: name,
                    result: event::raw(&done.result).map_err(Trouble::last)?,
                    state: raw_state(done)?,
                };
                Ok((completed.into(), None))
            }
            Err(error) => {
                let wait = self.wait(error, step.retry, ran.attempt);
                let failed = StepFailed {
                    step: name,
                    attempt: ran.attempt,
                    error: kept_text(error),
                    is_final: wait.is_none(),
                };
                Ok((failed.into(), wait))
            }
        }
    }

    fn undone(
        &self,
        ran: &Ran,
        outcome: &Result<Done, StepError>,
        undo: Compensation,
    ) -> Result<(SagaEvent, Option<Duration>), Trouble> {
        let step = self.graph.steps()[ran.at].name.to_owned();
        match outcome {
            Ok(done) => {
                let state = raw_state(done)?;
                Ok((StepCompensated { step, state }.into(), None))
            }
            Err(error) => {
                let wait = self.wait(error, undo.retry, ran.attempt);
                let failed = CompensationFailed {
                    step,
                    attempt: ran.attempt,
                    error: kept_text(error),
                    is_final: wait.is_none(),
                };
                Ok((failed.into(), wait))
            }
        }
    }

    /// How long to wait before another try, if there is to be one.
    fn wait(&self, error: &StepError, retry: StepRetry, failures: u32) -> Option<Duration> {
        let whole = retry.wait(failures).filter(|_| error.may_pass())?;
        // Anybody may implement `Randomness`, and give what it must not.
        let drawn = self.core.randomness.fraction().clamp(0.0, 1.0);
        Some(whole.mul_f64(1.0 - drawn / 2.0))
    }
}

/// An error's text, with a bound: it is kept in the history.
fn kept_text(error: &StepError) -> String {
    const MOST_BYTES: usize = 4_096;
    let mut text = error.to_string();
    text.truncate(text.floor_char_boundary(MOST_BYTES));
    text
}

fn raw_state(done: &Done) -> Result<Option<Box<serde_json::value::RawValue>>, Trouble> {
    let state = done.state.as_ref().map(event::raw).transpose();
    state.map_err(Trouble::last)
}

fn state<S: Saga>(instance: &Instance) -> Result<S, Trouble> {
    let Some(state) = &instance.state else {
        return Err(Trouble::last(
            "the history does not begin with how the saga began",
        ));
    };
    let read = state.read();
    read.map_err(|error| Trouble::last(format!("the saga's state does not fit its type: {error}")))
}

/// Waits, unless it is stopped; says whether it has waited.
async fn waited(mut stop: watch::Receiver<bool>, wait: Duration) -> bool {
    if wait.is_zero() {
        return true;
    }
    let stopped = stop.wait_for(|stop| *stop);
    // Where nobody is left to tell it to stop, it is about to be dropped.
    tokio::time::timeout(wait, stopped).await.is_err()
}

/// A call of user code: its panic is a failure, and so is taking too long.
async fn within<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, StepError>>,
) -> Result<T, StepError> {
    match tokio::time::timeout(limit, panic::catch_in(call)).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => Err(StepError::terminal(text_of(panic))),
        Err(_) => Err(StepError::retry(format!("it took longer than {limit:?}"))),
    }
}
