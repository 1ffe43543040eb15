//! A history as JSON lines: one line for each call, one for each answer, so that a worker that is killed leaves behind
//! what it was about to do.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::operation::{Answer, Call, Operation};
use crate::store::StreamId;

/// What workers did, in the order of their calls.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct History {
    /// The operations.
    pub operations: Vec<Operation>,
}

/// A line that is not one of a history.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// It is no call and no answer.
    #[error("line {number} of the history cannot be read")]
    Unreadable {
        /// Which line, from 1.
        number: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A call's number was used before, or an answer's call is missing or has an answer.
    #[error("line {number} of the history does not fit operation {operation}")]
    Misfit {
        /// Which line, from 1.
        number: usize,
        /// The operation it names.
        operation: u64,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Called {
        operation: u64,
        worker: u32,
        at: u64,
        call: Call,
    },
    Answered {
        operation: u64,
        at: u64,
        answer: Answer,
    },
}

impl History {
    /// The JSON lines, each with its line break.
    ///
    /// # Errors
    /// What serde says; nothing in a history is known to cause it.
    pub fn to_lines(&self) -> Result<String, serde_json::Error> {
        let mut lines = Vec::with_capacity(2 * self.operations.len());
        for operation in &self.operations {
            let called = Line::Called {
                operation: operation.id,
                worker: operation.worker,
                at: operation.called_at,
                call: operation.call.clone(),
            };
            lines.push((operation.called_at, called));
            if let Some((at, answer)) = &operation.answer {
                let answered = Line::Answered {
                    operation: operation.id,
                    at: *at,
                    answer: answer.clone(),
                };
                lines.push((*at, answered));
            }
        }
        lines.sort_by_key(|(at, _)| *at);
        let mut text = String::new();
        for (_, line) in lines {
            text.push_str(&serde_json::to_string(&line)?);
            text.push('\n');
        }
        Ok(text)
    }

    /// Reads JSON lines. A last line without a line break is left out: its writer was killed while it wrote it.
    ///
    /// # Errors
    /// [`LineError`].
    pub fn from_lines(text: &str) -> Result<Self, LineError> {
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let mut operations: Vec<Operation> = Vec::new();
        let mut places = HashMap::new();
        for (number, line) in (1..).zip(whole.lines()) {
            let line = serde_json::from_str(line)
                .map_err(|source| LineError::Unreadable { number, source })?;
            match line {
                Line::Called {
                    operation,
                    worker,
                    at,
                    call,
                } => {
                    if places.insert(operation, operations.len()).is_some() {
                        return Err(LineError::Misfit { number, operation });
                    }
                    operations.push(Operation {
                        id: operation,
                        worker,
                        called_at: at,
                        call,
                        answer: None,
                    });
                }
                Line::Answered {
                    operation,
                    at,
                    answer,
                } => {
                    let called = places
                        .get(&operation)
                        .and_then(|place| operations.get_mut(*place))
                        .filter(|called| called.answer.is_none())
                        .ok_or(LineError::Misfit { number, operation })?;
                    called.answer = Some((at, answer));
                }
            }
        }
        Ok(Self { operations })
    }

    /// Adds what happened after all of this had ended, in a process that was started later, for instance. Its numbers
    /// and times go on where these end.
    pub fn followed_by(&mut self, later: Self) {
        let ends = |operation: &Operation| {
            let answered_at = operation.answer.as_ref().map_or(0, |(at, _)| *at);
            operation.called_at.max(answered_at)
        };
        let time = self.operations.iter().map(ends).max().unwrap_or(0);
        let numbers = self.operations.iter().map(|op| op.id).max().unwrap_or(0);
        self.operations
            .extend(later.operations.into_iter().map(|operation| Operation {
                id: operation.id + numbers,
                called_at: operation.called_at + time,
                answer: operation.answer.map(|(at, answer)| (at + time, answer)),
                ..operation
            }));
    }

    /// The streams that were written to or read, each once, sorted.
    pub fn streams(&self) -> Vec<StreamId> {
        let mut streams: Vec<&StreamId> = Vec::new();
        for operation in &self.operations {
            match &operation.call {
                Call::Append { writes } => {
                    streams.extend(writes.iter().map(|write| &write.stream));
                }
                Call::ReadStream { stream, .. } => streams.push(stream),
                Call::ReadAll { .. } => {}
            }
        }
        streams.sort_unstable();
        streams.dedup();
        streams.into_iter().cloned().collect()
    }
}
