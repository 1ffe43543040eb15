//! The copying.

use std::fmt;
use std::sync::Arc;

use super::call::{Call, MAX_CALL_EVENTS, calls};
use super::{CopyError, CopyReport};
use crate::store::{AppendError, EventStore, GlobalPosition, MAX_PAGE, Page, ReadAll, ReadError};

/// Copies the log of one store to another one that holds nothing else.
///
/// Nothing is kept but the target itself: a run that was ended by an error, a crash or by being dropped is taken up by
/// the next one where it ended. The same run again is how a copy is brought up to date while the source goes on.
///
/// Only one copy may be made to a target at a time, and nobody else may write to it. Who does is found out: nothing of
/// his is overwritten, and [`run`](Self::run) fails or, at the latest, [`verify`](Self::verify).
///
/// ```
/// use std::sync::Arc;
///
/// use orchestrix::store::copy::CopyLog;
/// use orchestrix::store::{Append, EventData, EventStore, ExpectedVersion, MemoryStore, Payload, StreamId};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (old, new) = (Arc::new(MemoryStore::new()), Arc::new(MemoryStore::new()));
/// let opened = EventData::new("AccountOpened", 1, Payload::of(&serde_json::json!({ "owner": "Ada" }))?);
/// let append = Append::new(StreamId::new("account", "7")?, ExpectedVersion::NoStream, vec![opened]);
/// assert!(old.append(vec![append]).await[0].is_ok());
///
/// let copy = CopyLog::new(old, new.clone());
/// assert_eq!(copy.run().await?.events, 1);
/// assert_eq!(copy.run().await?.events, 0);
/// assert_eq!(copy.verify().await?.events, 1);
/// # Ok(()) }
/// ```
pub struct CopyLog {
    pub(super) from: Arc<dyn EventStore>,
    pub(super) to: Arc<dyn EventStore>,
    up_to: Option<GlobalPosition>,
    pub(super) page: usize,
    on_progress: Option<Progress>,
}

type Progress = Box<dyn Fn(&CopyReport) + Send + Sync>;

impl CopyLog {
    /// From one store to another.
    pub fn new(from: Arc<dyn EventStore>, to: Arc<dyn EventStore>) -> Self {
        Self {
            from,
            to,
            up_to: None,
            page: MAX_PAGE,
            on_progress: None,
        }
    }

    /// Only what stands up to this position of the source, inclusive: for a source that is written to meanwhile.
    #[must_use]
    pub fn up_to(mut self, position: GlobalPosition) -> Self {
        self.up_to = Some(position);
        self
    }

    /// Reads so many events at once, kept within 1 to [`MAX_PAGE`], which it is unless told otherwise. So many are in
    /// memory at a time.
    #[must_use]
    pub fn page(mut self, events: usize) -> Self {
        self.page = events.clamp(1, MAX_PAGE);
        self
    }

    /// Tells what was done until now, after each page of the source.
    #[must_use]
    pub fn on_progress(mut self, told: impl Fn(&CopyReport) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(Box::new(told));
        self
    }

    /// Copies what the target does not have yet, up to the head of the source.
    ///
    /// It goes on behind the last event of the target. That is right because the target never holds anything but a
    /// beginning of the source: of two appends, the later is only ever stored when the earlier is.
    ///
    /// # Errors
    /// [`CopyError`]. What was copied before stays; the next run goes on from there.
    ///
    /// # Cancellation
    /// When the future is dropped, the target holds a beginning of the source, as after an error.
    pub async fn run(&self) -> Result<CopyReport, CopyError> {
        let resumed_after = self.resume_point().await?;
        let mut report = CopyReport::begin(resumed_after);
        loop {
            let (page, is_last) = self.next_page(report.copied_to).await?;
            // What an earlier run sent and did not wait for may still come. It is one call's worth at most, so until
            // that is behind us, each append has a call of its own: one that is refused has no successor in its call
            // that could meet what came late, and leave a hole before it.
            let alone = MAX_CALL_EVENTS.saturating_sub(report.events_seen());
            for call in calls(page.events, alone) {
                self.send(call, &mut report).await?;
            }
            report.copied_to = report.copied_to.max(page.scanned_to);
            if let Some(told) = &self.on_progress {
                told(&report);
            }
            if is_last {
                return Ok(report);
            }
        }
    }

    /// Whether an event of the source is to be copied.
    pub(super) fn reaches(&self, position: GlobalPosition) -> bool {
        self.up_to.is_none_or(|last| position <= last)
    }

    /// The events of the source behind a position that are to be copied, and whether these are the last.
    async fn next_page(&self, after: GlobalPosition) -> Result<(Page, bool), CopyError> {
        let read = ReadAll::after(after).limit(self.page);
        let unread = |source| CopyError::Source { source };
        let mut page = self.from.read_all(read).await.map_err(unread)?;
        if page.scanned_to <= after && !page.at_head {
            let source = format!("the log does not go on after {after} and has not ended").into();
            return Err(unread(ReadError::Failed { source }));
        }
        page.events.retain(|event| self.reaches(event.position));
        let is_last = page.at_head || !self.reaches(page.scanned_to);
        if let Some(last) = self.up_to {
            page.scanned_to = page.scanned_to.min(last);
        }
        Ok((page, is_last))
    }

    async fn send(&self, call: Call, report: &mut CopyReport) -> Result<(), CopyError> {
        let outcomes = self.to.append(call.appends).await;
        let mut outcomes = outcomes.into_iter();
        for sent in call.sent {
            let outcome = outcomes.next().unwrap_or_else(|| {
                let source = "the store gave fewer outcomes than it was given appends".into();
                Err(AppendError::Failed { source })
            });
            let appended = outcome.map_err(|source| CopyError::Append {
                position: sent.first,
                source,
            })?;
            report.add(&sent, appended.repeated);
        }
        Ok(())
    }
}

impl fmt::Debug for CopyLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyLog")
            .field("up_to", &self.up_to)
            .field("page", &self.page)
            .finish_non_exhaustive()
    }
}
