//! Reads that page by themselves.

use std::collections::VecDeque;

use futures_util::stream::{self, Stream};

use super::{Direction, EventStore, ReadAll, ReadError, ReadStream, RecordedEvent};

/// Reads of any length, a page in memory at a time.
///
/// ```
/// use futures_util::{StreamExt, TryStreamExt};
/// use orchestrix::store::{EventStoreExt, GlobalPosition, MemoryStore, ReadAll};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::new();
/// let log = store.stream_all(ReadAll::after(GlobalPosition::START));
/// assert_eq!(log.count().await, 0);
/// # Ok(()) }
/// ```
pub trait EventStoreExt: EventStore {
    /// All matching events behind a position, up to the head; the read's limit is the size of a page. It ends after the
    /// first error.
    fn stream_all(
        &self,
        read: ReadAll,
    ) -> impl Stream<Item = Result<RecordedEvent, ReadError>> + Send + Unpin {
        let first = Some(read);
        Box::pin(stream::try_unfold(
            (VecDeque::new(), first),
            move |(mut page, mut next): (VecDeque<RecordedEvent>, _)| async move {
                while page.is_empty() {
                    let Some(read) = next.take() else {
                        return Ok(None);
                    };
                    let found = self.read_all(read.clone()).await?;
                    next = (!found.at_head).then_some(ReadAll {
                        after: found.scanned_to,
                        ..read
                    });
                    page = found.events.into();
                }
                Ok(page.pop_front().map(|event| (event, (page, next))))
            },
        ))
    }

    /// All events of a stream within the read's versions, in its direction; the read's limit is the size of a page. It
    /// ends after the first error.
    fn stream_events(
        &self,
        read: ReadStream,
    ) -> impl Stream<Item = Result<RecordedEvent, ReadError>> + Send + Unpin {
        let first = Some(read);
        Box::pin(stream::try_unfold(
            (VecDeque::new(), first),
            move |(mut page, mut next): (VecDeque<RecordedEvent>, Option<ReadStream>)| async move {
                if page.is_empty()
                    && let Some(read) = next.take()
                {
                    page = self.read_stream(read.clone()).await?.into();
                    if page.len() >= read.limit {
                        next = page.back().and_then(|last| rest(read, last));
                    }
                }
                Ok(page.pop_front().map(|event| (event, (page, next))))
            },
        ))
    }
}

impl<S: EventStore + ?Sized> EventStoreExt for S {}

/// What is left of a read behind its last event.
fn rest(read: ReadStream, last: &RecordedEvent) -> Option<ReadStream> {
    let (from, to) = match read.direction {
        Direction::Forward => (last.version.next(), read.to),
        Direction::Backward => (read.from, last.version.previous()),
    };
    (from <= to).then_some(ReadStream { from, to, ..read })
}
