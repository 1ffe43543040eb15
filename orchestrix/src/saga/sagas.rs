//! `app.sagas::<S>()`: to start instances by hand, to look at them, and to help those that nobody else can.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use jiff::Timestamp;

use super::changed::told;
use super::event::{self, Resolved, Resumed, SagaEvent, Started, Woken};
use super::history;
use super::instance::Instance;
use super::trouble::Trouble;
use super::{Graph, GraphError, Saga, SagaOutcome, StepChange};
use crate::app::Core;
use crate::error::BoxError;
use crate::message::{Key, MessageId, Metadata};
use crate::store::{NameError, Payload, StreamId, StreamVersion, TenantId};
use crate::tenant::{ChosenTenant, TenantRequired};

/// How often what a person asks for is tried again, while the instance goes on by itself.
const ATTEMPTS: usize = 10;

/// The instances of one saga.
pub struct Sagas<S> {
    core: Arc<Core>,
    tenant: ChosenTenant,
    saga: PhantomData<fn() -> S>,
}

/// Where an instance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SagaStatus {
    /// Its steps run, or wait to run again.
    Running,
    /// A step has failed for good; what was completed is being undone.
    Compensating,
    /// It has ended.
    Ended(SagaOutcome),
    /// A person has seen to it: its compensations had failed, or it could not go on with the steps as they are now.
    Resolved,
    /// The domain refused a command of a saga of reactions, and it has no answer to that: a person must see to it.
    Stuck,
}

impl fmt::Display for SagaStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running => f.pad("running"),
            Self::Compensating => f.pad("compensating"),
            Self::Ended(outcome) => outcome.fmt(f),
            Self::Resolved => f.pad("resolved"),
            Self::Stuck => f.pad("stuck"),
        }
    }
}

/// What happened to an instance, from its beginning.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SagaHistory {
    /// Its own stream.
    pub stream: StreamId,
    /// Where it is.
    pub status: SagaStatus,
    /// Everything that was kept of it, in order.
    pub entries: Vec<SagaEntry>,
}

/// Something that happened to an instance.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SagaEntry {
    /// Where it stands in the instance's stream.
    pub version: StreamVersion,
    /// When it was, by the clock of the app that kept it.
    pub at: Timestamp,
    /// What it was.
    pub what: SagaChange,
}

/// What can happen to an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SagaChange {
    /// It began.
    Started,
    /// A step began.
    StepStarted {
        /// Which.
        step: String,
    },
    /// A step was completed.
    StepCompleted {
        /// Which.
        step: String,
    },
    /// A call of a step failed.
    StepFailed {
        /// Which.
        step: String,
        /// The how-manieth call.
        attempt: u32,
        /// Why.
        error: String,
        /// Whether it was the last one.
        is_final: bool,
    },
    /// From here on what was completed is undone.
    CompensationBegan,
    /// A step was undone.
    StepCompensated {
        /// Which.
        step: String,
    },
    /// A call to undo a step failed.
    CompensationFailed {
        /// Which step.
        step: String,
        /// The how-manieth call.
        attempt: u32,
        /// Why.
        error: String,
        /// Whether it was the last one.
        is_final: bool,
    },
    /// It ended.
    Ended {
        /// How.
        outcome: SagaOutcome,
    },
    /// A person had it try again what compensations failed to do.
    Resumed,
    /// A person did what compensations failed to do.
    Resolved {
        /// In their words.
        note: String,
    },
    /// Somebody asked for it to be looked at.
    Woken,
    /// A saga of reactions reacted.
    Reacted {
        /// To which event.
        cause: MessageId,
        /// The commands it asked for, by their names, in order.
        commands: Vec<String>,
        /// The timers it set, and when they are to fire.
        timers: Vec<(String, Timestamp)>,
        /// The timers that were set before and are not any more: cancelled, set anew, or left at the end.
        cancelled: Vec<String>,
        /// Whether it has ended.
        completed: bool,
        /// Whether it was to the refusal of a command, and it has no answer to that.
        unhandled: bool,
    },
    /// The domain refused a command that a reaction asked for.
    CommandRejected {
        /// The command's name.
        command: String,
        /// Why.
        reason: String,
    },
    /// A timer fired.
    TimerFired {
        /// Which.
        timer: String,
    },
}

impl fmt::Display for SagaChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed =
            |f: &mut fmt::Formatter<'_>, what: &str, step, attempt: &u32, error, last: &bool| {
                let last = if *last { ", and is given up" } else { "" };
                write!(
                    f,
                    "{what} `{step}` failed at attempt {attempt}{last}: {error}"
                )
            };
        match self {
            Self::Started => f.write_str("started"),
            Self::StepStarted { step } => write!(f, "step `{step}` began"),
            Self::StepCompleted { step } => write!(f, "step `{step}` completed"),
            Self::StepFailed {
                step,
                attempt,
                error,
                is_final,
            } => failed(f, "step", step, attempt, error, is_final),
            Self::CompensationBegan => f.write_str("turns back"),
            Self::StepCompensated { step } => write!(f, "step `{step}` undone"),
            Self::CompensationFailed {
                step,
                attempt,
                error,
                is_final,
            } => failed(f, "undoing step", step, attempt, error, is_final),
            Self::Ended { outcome } => write!(f, "ended: {outcome}"),
            Self::Resumed => f.write_str("resumed"),
            Self::Resolved { note } => write!(f, "resolved: {note}"),
            Self::Woken => f.write_str("woken"),
            Self::Reacted {
                cause,
                commands,
                timers,
                cancelled,
                completed,
                unhandled,
            } => {
                write!(f, "reacted to {cause}")?;
                for command in commands {
                    write!(f, ", asked for `{command}`")?;
                }
                for timer in cancelled {
                    write!(f, ", cancelled timer `{timer}`")?;
                }
                for (timer, due) in timers {
                    write!(f, ", set timer `{timer}` to {due}")?;
                }
                if *completed {
                    f.write_str(", completed")?;
                }
                if *unhandled {
                    f.write_str(", has no answer")?;
                }
                Ok(())
            }
            Self::CommandRejected { command, reason } => {
                write!(f, "command `{command}` was refused: {reason}")
            }
            Self::TimerFired { timer } => write!(f, "timer `{timer}` fired"),
        }
    }
}

/// Why an instance could not be started, read or helped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SagaError {
    /// No module of the app has the saga.
    #[error("saga `{saga}` is in no module of this app")]
    NotRegistered {
        /// The saga.
        saga: &'static str,
    },
    /// The steps do not fit together.
    #[error("the steps of saga `{saga}` do not fit together")]
    Graph {
        /// The saga.
        saga: &'static str,
        /// What is wrong with them.
        source: GraphError,
    },
    /// The key names no stream.
    #[error("the key of saga `{saga}` names no stream")]
    InvalidKey {
        /// The saga.
        saga: &'static str,
        /// What is wrong with it.
        source: NameError,
    },
    /// There is one with this key.
    #[error("there is an instance already: {stream}")]
    AlreadyExists {
        /// Its stream.
        stream: StreamId,
    },
    /// There is none with this key.
    #[error("there is no instance {stream}")]
    NotFound {
        /// What its stream would be.
        stream: StreamId,
    },
    /// It needs nobody's help: only one whose compensations have failed does. One whose steps changed can be resolved, too.
    #[error(
        "{stream} is {status}: only an instance whose compensations failed can be resumed or resolved"
    )]
    NotFailed {
        /// Its stream.
        stream: StreamId,
        /// Where it is.
        status: SagaStatus,
    },
    /// It cannot go on: steps that it has begun changed since. It can be [resolved](Sagas::resolve).
    #[error(
        "{stream} cannot be resumed, for its steps have changed since: {}",
        told(changes)
    )]
    Changed {
        /// Its stream.
        stream: StreamId,
        /// What has changed.
        changes: Vec<StepChange>,
    },
    /// It needs nobody's help: only one that is stuck can be resolved.
    #[error("{stream} is {status}: only an instance that is stuck can be resolved")]
    NotStuck {
        /// Its stream.
        stream: StreamId,
        /// Where it is.
        status: SagaStatus,
    },
    /// Its state cannot be written as JSON.
    #[error("the state of saga `{saga}` cannot be encoded")]
    Encode {
        /// The saga.
        saga: &'static str,
        /// What serde said.
        source: serde_json::Error,
    },
    /// Nothing says whose it is, and the app needs that.
    #[error(transparent)]
    TenantRequired(#[from] TenantRequired),
    /// The store cannot be reached, or others wrote to the instance each time.
    #[error("the store is unavailable")]
    Unavailable {
        /// What it said.
        source: BoxError,
    },
    /// Its history cannot be read or written.
    #[error("the history of {stream} cannot be read or written")]
    Failed {
        /// Its stream.
        stream: StreamId,
        /// Why.
        source: BoxError,
    },
}

impl<S: Saga> Sagas<S> {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            tenant: ChosenTenant::ambient(),
            saga: PhantomData,
        }
    }

    /// Of this tenant instead of that of the [scope](crate::tenant) it is awaited in.
    #[must_use]
    pub fn tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = ChosenTenant::named(tenant);
        self
    }

    /// Starts an instance by hand. It is kept when this returns, and runs on whichever node serves the saga.
    ///
    /// # Errors
    /// [`SagaError`]; [`AlreadyExists`](SagaError::AlreadyExists) where the key is taken, by an instance that has ended
    /// too.
    pub async fn start(self, key: &(impl Key + ?Sized), state: S) -> Result<StreamId, SagaError> {
        let stream = self.stream(key)?;
        let graph = graph::<S>()?;
        let encoded = |source| SagaError::Encode {
            saga: S::NAME,
            source,
        };
        let state = Payload::of(&state).map_err(encoded)?;
        let started = Started {
            state: event::raw(&state).map_err(encoded)?,
            shape: graph.shape(),
            trigger: None,
            metadata: Metadata::begin(MessageId::new()),
        };
        let happened = vec![started.into(), Woken {}.into()];
        let nothing = Instance::default();
        match history::keep(&self.core, &stream, &graph, &nothing, happened, None).await {
            Ok(Some(_)) => Ok(stream),
            Ok(None) => Err(SagaError::AlreadyExists { stream }),
            Err(trouble) => Err(failed(trouble, stream)),
        }
    }

    /// What happened to an instance; none where there is none with this key.
    ///
    /// # Errors
    /// [`SagaError`].
    pub async fn history(
        &self,
        key: &(impl Key + ?Sized),
    ) -> Result<Option<SagaHistory>, SagaError> {
        let stream = self.stream(key)?;
        let mut entries = Vec::new();
        let mut instance = Instance::default();
        let each = |recorded: &crate::store::RecordedEvent, event: &SagaEvent| {
            instance.apply(event, recorded.event_id(), recorded.data.occurred_at);
            entries.push(SagaEntry {
                version: recorded.version,
                at: recorded.data.occurred_at,
                what: change(event),
            });
        };
        let walked = history::walk(&self.core, &stream, each).await;
        walked.map_err(|trouble| failed(trouble, stream.clone()))?;
        Ok((!entries.is_empty()).then(|| SagaHistory {
            status: instance.status(),
            stream,
            entries,
        }))
    }

    /// Has the compensations that failed tried again, with all of their retries.
    ///
    /// # Errors
    /// [`SagaError`]; [`NotFailed`](SagaError::NotFailed) unless the instance ended with
    /// [`CompensationFailed`](SagaOutcome::CompensationFailed), [`Changed`](SagaError::Changed) where the steps that it has
    /// begun are not what they were.
    pub async fn resume(&self, key: &(impl Key + ?Sized)) -> Result<(), SagaError> {
        let resumed = || vec![Resumed {}.into(), Woken {}.into()];
        let has_failed = |status| status == SagaStatus::Ended(SagaOutcome::CompensationFailed);
        self.help(key, resumed, |stream, status, changes| {
            match has_failed(status) {
                false => Err(SagaError::NotFailed { stream, status }),
                true if !changes.is_empty() => Err(SagaError::Changed { stream, changes }),
                true => Ok(()),
            }
        })
        .await
    }

    /// Says that a person has done what compensations failed to do, and how. So is ended, too, what cannot go on because
    /// steps that it has begun changed: nothing more is done or undone, and a call that is under way elsewhere is not
    /// waited for.
    ///
    /// # Errors
    /// [`SagaError`]; [`NotFailed`](SagaError::NotFailed) where the app can go on with the instance, or it has ended.
    pub async fn resolve(
        &self,
        key: &(impl Key + ?Sized),
        note: impl Into<String>,
    ) -> Result<(), SagaError> {
        let note = note.into();
        let resolved = || vec![Resolved { note: note.clone() }.into()];
        self.help(key, resolved, |stream, status, changes| match status {
            SagaStatus::Ended(SagaOutcome::CompensationFailed) => Ok(()),
            SagaStatus::Running | SagaStatus::Compensating if !changes.is_empty() => Ok(()),
            status => Err(SagaError::NotFailed { stream, status }),
        })
        .await
    }

    async fn help(
        &self,
        key: &(impl Key + ?Sized),
        happened: impl Fn() -> Vec<SagaEvent>,
        can_be: impl Fn(StreamId, SagaStatus, Vec<StepChange>) -> Result<(), SagaError>,
    ) -> Result<(), SagaError> {
        let stream = self.stream(key)?;
        let graph = graph::<S>()?;
        for _ in 0..ATTEMPTS {
            let instance = history::load(&self.core, &stream).await;
            let instance = instance.map_err(|trouble| failed(trouble, stream.clone()))?;
            if instance.version == StreamVersion::NONE {
                return Err(SagaError::NotFound { stream });
            }
            let changes = instance.changed(&graph);
            can_be(stream.clone(), instance.status(), changes)?;
            match history::keep(&self.core, &stream, &graph, &instance, happened(), None).await {
                Ok(Some(_)) => return Ok(()),
                Ok(None) => {}
                Err(trouble) => return Err(failed(trouble, stream)),
            }
        }
        Err(SagaError::Unavailable {
            source: "others wrote to the instance each time".into(),
        })
    }

    fn stream(&self, key: &(impl Key + ?Sized)) -> Result<StreamId, SagaError> {
        let is_known = self.core.registry.has_saga(S::NAME);
        if !is_known {
            return Err(SagaError::NotRegistered { saga: S::NAME });
        }
        let tenant = self
            .tenant
            .clone()
            .resolve(self.core.config.require_tenant)?;
        let stream = event::stream_of(S::NAME, &key.to_key(), &tenant);
        stream.map_err(|source| SagaError::InvalidKey {
            saga: S::NAME,
            source,
        })
    }
}

impl<S> fmt::Debug for Sagas<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sagas").finish_non_exhaustive()
    }
}

impl Instance {
    pub(super) fn status(&self) -> SagaStatus {
        match self.ended {
            _ if self.resolved => SagaStatus::Resolved,
            Some(outcome) => SagaStatus::Ended(outcome),
            None if self.is_turned() => SagaStatus::Compensating,
            None => SagaStatus::Running,
        }
    }
}

fn graph<S: Saga>() -> Result<Graph, SagaError> {
    Graph::new(S::STEPS).map_err(|source| SagaError::Graph {
        saga: S::NAME,
        source,
    })
}

pub(super) fn failed(trouble: Trouble, stream: StreamId) -> SagaError {
    match trouble {
        Trouble::Transient(source) => SagaError::Unavailable { source },
        Trouble::Last(source) => SagaError::Failed { stream, source },
        Trouble::Stopped => SagaError::Unavailable {
            source: "the app is shutting down".into(),
        },
    }
}

pub(super) fn change(event: &SagaEvent) -> SagaChange {
    match event {
        SagaEvent::Started(_) => SagaChange::Started,
        SagaEvent::StepStarted(event) => SagaChange::StepStarted {
            step: event.step.clone(),
        },
        SagaEvent::StepCompleted(event) => SagaChange::StepCompleted {
            step: event.step.clone(),
        },
        SagaEvent::StepFailed(event) => SagaChange::StepFailed {
            step: event.step.clone(),
            attempt: event.attempt,
            error: event.error.clone(),
            is_final: event.is_final,
        },
        SagaEvent::CompensationBegan(_) => SagaChange::CompensationBegan,
        SagaEvent::StepCompensated(event) => SagaChange::StepCompensated {
            step: event.step.clone(),
        },
        SagaEvent::CompensationFailed(event) => SagaChange::CompensationFailed {
            step: event.step.clone(),
            attempt: event.attempt,
            error: event.error.clone(),
            is_final: event.is_final,
        },
        SagaEvent::Ended(event) => SagaChange::Ended {
            outcome: event.outcome,
        },
        SagaEvent::Resumed(_) => SagaChange::Resumed,
        SagaEvent::Resolved(event) => SagaChange::Resolved {
            note: event.note.clone(),
        },
        SagaEvent::Woken(_) => SagaChange::Woken,
        SagaEvent::Reacted(event) => SagaChange::Reacted {
            cause: event.cause,
            commands: event
                .commands
                .iter()
                .map(|kept| kept.name.clone())
                .collect(),
            timers: event
                .timers
                .iter()
                .map(|(name, kept)| (name.clone(), kept.due))
                .collect(),
            cancelled: event.cancelled.keys().cloned().collect(),
            completed: event.completed,
            unhandled: event.unhandled,
        },
        SagaEvent::CommandRejected(event) => SagaChange::CommandRejected {
            command: event.command.clone(),
            reason: event.reason.clone(),
        },
        SagaEvent::TimerFired(event) => SagaChange::TimerFired {
            timer: event.timer.clone(),
        },
    }
}
