//! What happened to an instance, as people are told.

use std::fmt;

use jiff::Timestamp;

use super::event::SagaEvent;
use super::{SagaOutcome, SagaStatus};
use crate::message::MessageId;
use crate::store::{RecordedEvent, StreamId, StreamVersion};

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

impl SagaEntry {
    pub(super) fn of(recorded: &RecordedEvent, event: &SagaEvent) -> Self {
        Self {
            version: recorded.version,
            at: recorded.data.occurred_at,
            what: change(event),
        }
    }
}

fn change(event: &SagaEvent) -> SagaChange {
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
