//! Recording: each call before it is made, each answer after it came.

use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::lines::{History, Line};
use super::operation::{Answer, Call, Operation};
use crate::store::{
    Append, AppendError, Appended, EventStore, GlobalPosition, Page, ReadAll, ReadError,
    ReadStream, RecordedEvent,
};

/// Records the history of many workers of one process. Clones record the same history.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<Record>>);

#[derive(Default)]
struct Record {
    clock: u64,
    kept: Keep,
    lost_lines: u64,
    count: u64,
}

/// Where the history is kept.
enum Keep {
    Here(History),
    There(Box<dyn Write + Send>),
}

impl Default for Keep {
    fn default() -> Self {
        Self::Here(History::default())
    }
}

impl Recorder {
    /// Keeps the history in memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes the history as JSON lines, each in one piece before the call it tells of is made: for a process that will
    /// be killed. The sink must not buffer. Nothing is kept in memory, so [`history`](Self::history) is empty.
    pub fn writing_to(sink: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Record {
            kept: Keep::There(Box::new(sink)),
            ..Record::default()
        })))
    }

    /// Who calls, by a number of their own.
    pub fn worker(&self, number: u32) -> Worker {
        Worker {
            recorder: self.clone(),
            number,
        }
    }

    /// What was recorded until now. Calls under way are in it without an answer.
    pub fn history(&self) -> History {
        match &self.record().kept {
            Keep::Here(history) => history.clone(),
            Keep::There(_) => History::default(),
        }
    }

    /// How many lines could not be written. The events of a lost call are found unexplained by the checker, and a lost
    /// answer makes an append indeterminate: a history with holes never proves too much.
    pub fn lost_lines(&self) -> u64 {
        self.record().lost_lines
    }

    /// A record is whole after each of its changes, whatever panics beside it.
    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    fn called(&mut self, worker: u32, call: Call) -> u64 {
        let at = self.tick();
        self.count += 1;
        let operation = self.count;
        match &mut self.kept {
            Keep::Here(history) => history.operations.push(Operation {
                id: operation,
                worker,
                called_at: at,
                call,
                answer: None,
            }),
            Keep::There(_) => self.write(&Line::Called {
                operation,
                worker,
                at,
                call,
            }),
        }
        operation
    }

    fn answered(&mut self, operation: u64, answer: Answer) {
        let at = self.tick();
        match &mut self.kept {
            Keep::Here(history) => {
                // Operations are numbered from 1 in the order they are pushed.
                let place = usize::try_from(operation - 1).unwrap_or(usize::MAX);
                if let Some(called) = history.operations.get_mut(place) {
                    called.answer = Some((at, answer));
                }
            }
            Keep::There(_) => self.write(&Line::Answered {
                operation,
                at,
                answer,
            }),
        }
    }

    fn write(&mut self, line: &Line) {
        let Keep::There(sink) = &mut self.kept else {
            return;
        };
        let written = serde_json::to_string(line)
            .map_err(std::io::Error::from)
            .and_then(|mut text| {
                text.push('\n');
                sink.write_all(text.as_bytes())
            });
        if written.is_err() {
            self.lost_lines += 1;
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("operations", &self.count)
            .field("lost_lines", &self.lost_lines)
            .finish_non_exhaustive()
    }
}

/// One caller, whose calls follow each other.
#[derive(Debug, Clone)]
pub struct Worker {
    recorder: Recorder,
    number: u32,
}

/// A call that was noted and has no answer yet. When it is dropped, it stays without one.
#[derive(Debug)]
#[must_use = "an answer that is not noted is taken for a lost one"]
pub struct Pending {
    recorder: Recorder,
    operation: u64,
}

impl Pending {
    /// Notes the answer.
    pub fn answered(self, answer: Answer) {
        self.recorder.record().answered(self.operation, answer);
    }
}

impl Worker {
    /// Notes a call that is about to be made in another way than by this worker.
    pub fn calls(&self, call: Call) -> Pending {
        Pending {
            recorder: self.recorder.clone(),
            operation: self.recorder.record().called(self.number, call),
        }
    }

    /// Appends, and notes it.
    ///
    /// # Errors
    /// The store's.
    pub async fn append(
        &self,
        store: &dyn EventStore,
        append: Append,
    ) -> Result<Appended, AppendError> {
        let pending = self.calls(Call::append(&append));
        let outcome = store.append(vec![append]).await.pop().unwrap_or_else(|| {
            Err(AppendError::Indeterminate {
                source: "the store gave no outcome".into(),
            })
        });
        pending.answered(Answer::of_append(&outcome));
        outcome
    }

    /// Reads a stream, and notes it.
    ///
    /// # Errors
    /// The store's.
    pub async fn read_stream(
        &self,
        store: &dyn EventStore,
        read: ReadStream,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let pending = self.calls(Call::read_stream(&read));
        let result = store.read_stream(read).await;
        pending.answered(match &result {
            Ok(events) => Answer::of_events(events),
            Err(_) => Answer::ReadFailed,
        });
        result
    }

    /// Reads a page of the log without a filter, and notes it.
    ///
    /// # Errors
    /// The store's.
    pub async fn read_all(
        &self,
        store: &dyn EventStore,
        after: GlobalPosition,
        limit: usize,
    ) -> Result<Page, ReadError> {
        let read = ReadAll::after(after).limit(limit);
        let pending = self.calls(Call::ReadAll {
            after,
            limit: read.limit,
        });
        let result = store.read_all(read).await;
        pending.answered(match &result {
            Ok(page) => Answer::of_page(page),
            Err(_) => Answer::ReadFailed,
        });
        result
    }
}
