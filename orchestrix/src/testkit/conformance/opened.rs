//! An open store, with the calls that behaviours make again and again.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq};
use crate::error::chain;
use crate::store::{
    Append, AppendError, Appended, Backend, CheckpointStore, EventStore, Filter, GlobalPosition,
    LockStore, MAX_PAGE, Page, ReadAll, ReadModelStore, ReadStream, RecordedEvent, ScheduleStore,
    StreamId, StreamVersion,
};

/// How long what was given up may take to end.
const SETTLING: Duration = Duration::from_secs(5);

/// A store that was opened for a behaviour.
#[derive(Clone)]
pub(super) struct Opened {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) events: Arc<dyn EventStore>,
    pub(super) checkpoints: Arc<dyn CheckpointStore>,
    pub(super) read_models: Arc<dyn ReadModelStore>,
    pub(super) locks: Arc<dyn LockStore>,
    pub(super) schedules: Arc<dyn ScheduleStore>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened({})", self.backend.name())
    }
}

impl Opened {
    pub(super) async fn open(subject: &dyn StoreUnderTest) -> Result<Self, Violation> {
        let backend = subject.open().await;
        let backend =
            backend.map_err(|error| Violation::new("the store to open", chain(&*error)))?;
        let ports = backend.ports();
        Ok(Self {
            backend,
            events: ports.events,
            checkpoints: ports.checkpoints,
            read_models: ports.read_models,
            locks: ports.locks,
            schedules: ports.schedules,
        })
    }

    pub(super) async fn close(self) -> Result<(), Violation> {
        self.backend
            .close()
            .await
            .map_err(|error| Violation::new("the store to close", chain(&*error)))
    }

    /// One append in a call of its own.
    pub(super) async fn try_append(
        &self,
        append: Append,
    ) -> Result<Result<Appended, AppendError>, Violation> {
        let mut outcomes = self.events.append(vec![append]).await;
        match (outcomes.pop(), outcomes.is_empty()) {
            (Some(outcome), true) => Ok(outcome),
            (last, _) => Err(Violation::new(
                "one outcome for one append",
                outcomes.len() + usize::from(last.is_some()),
            )),
        }
    }

    /// One append, which must be acknowledged.
    pub(super) async fn append(&self, append: Append) -> Result<Appended, Violation> {
        Ok(self.try_append(append).await??)
    }

    /// One append, which must not be acknowledged.
    pub(super) async fn refused(&self, append: Append) -> Result<AppendError, Violation> {
        match self.try_append(append).await? {
            Err(error) => Ok(error),
            Ok(outcome) => Err(Violation::new(
                "the append to be refused",
                format_args!("{outcome:?}"),
            )),
        }
    }

    /// All events of a stream, page by page.
    pub(super) async fn stream(&self, stream: &StreamId) -> Result<Vec<RecordedEvent>, Violation> {
        let mut all: Vec<RecordedEvent> = Vec::new();
        loop {
            let next = all
                .last()
                .map_or(StreamVersion::FIRST, |event| event.version.next());
            let page = self
                .events
                .read_stream(ReadStream::forward(stream.clone()).from(next));
            let page = page.await?;
            let full = page.len() >= MAX_PAGE;
            let moved_on = page.first().is_none_or(|event| event.version >= next);
            ensure(moved_on, format_args!("versions from {next} on"), &page)?;
            all.extend(page);
            if !full {
                return Ok(all);
            }
        }
    }

    /// Where a stream is.
    pub(super) async fn version(&self, stream: &StreamId) -> Result<StreamVersion, Violation> {
        let last = self
            .events
            .read_stream(ReadStream::backward(stream.clone()).limit(1))
            .await?;
        Ok(last
            .last()
            .map_or(StreamVersion::NONE, |event| event.version))
    }

    /// One page of the log, with what holds for every page checked.
    pub(super) async fn page(&self, read: ReadAll) -> Result<Page, Violation> {
        let (after, limit) = (read.after, read.limit);
        let page = self.events.read_all(read).await?;
        ensure(
            page.events.len() <= limit,
            format_args!("at most {limit} events"),
            page.events.len(),
        )?;
        let mut last = after;
        for event in &page.events {
            let expected = format_args!("positions to increase, next above {last}");
            ensure(event.position > last, expected, event.position)?;
            last = event.position;
        }
        let expected = format_args!("the page to be scanned to {last} at least");
        ensure(page.scanned_to >= last, expected, page.scanned_to)?;
        Ok(page)
    }

    /// The whole log.
    pub(super) async fn log(&self) -> Result<Vec<RecordedEvent>, Violation> {
        self.log_of(Filter::all(), MAX_PAGE).await
    }

    /// The whole log, once it holds so many events: those of appends that were given up may be about to appear.
    pub(super) async fn log_of_length(
        &self,
        count: usize,
    ) -> Result<Vec<RecordedEvent>, Violation> {
        let mut changes = self.events.changes();
        let deadline = Instant::now() + SETTLING;
        loop {
            let log = self.log().await?;
            if log.len() >= count || Instant::now() > deadline {
                ensure_eq("the number of events in the log", log.len(), count)?;
                return Ok(log);
            }
            changes.changed(Duration::from_millis(10)).await;
        }
    }

    /// All matching events, in pages of this size.
    pub(super) async fn log_of(
        &self,
        filter: Filter,
        page_size: usize,
    ) -> Result<Vec<RecordedEvent>, Violation> {
        let mut all = Vec::new();
        let mut after = GlobalPosition::START;
        loop {
            let read = ReadAll::after(after)
                .filter(filter.clone())
                .limit(page_size);
            let page = self.page(read).await?;
            all.extend(page.events);
            if page.at_head {
                return Ok(all);
            }
            let expected =
                format_args!("a page behind {after} to be scanned further or at the head");
            ensure(page.scanned_to > after, expected, page.scanned_to)?;
            after = page.scanned_to;
        }
    }
}
