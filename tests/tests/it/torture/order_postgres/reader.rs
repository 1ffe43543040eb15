//! A reader that follows the log as a subscription does.

use std::time::{Duration, Instant};

use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use orchestrix::store::{EventStore, GlobalPosition, ReadAll};
use orchestrix_postgres::PostgresStore;
use tokio::sync::watch;

/// How often a reader looks by itself, should a wake-up be lost.
pub(super) const POLL: Duration = Duration::from_millis(500);

/// A reader to be.
pub(super) struct Reader {
    store: PostgresStore,
    page: usize,
    from: GlobalPosition,
}

/// What a reader got.
pub(super) struct Feed {
    pub(super) page: usize,
    pub(super) from: GlobalPosition,
    pub(super) places: Vec<Place>,
    /// When each of them came.
    came: Vec<Instant>,
}

/// An event and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) position: u64,
    pub(super) event_id: MessageId,
    pub(super) stream: String,
    pub(super) version: u64,
}

impl Reader {
    /// One that reads what stands after `from`, in pages of this size.
    pub(super) fn new(store: PostgresStore, page: usize, from: GlobalPosition) -> Self {
        Self { store, page, from }
    }

    /// Reads on until it has come to the position that it is told is the last.
    pub(super) async fn follow(
        self,
        ended: watch::Receiver<Option<u64>>,
    ) -> Result<Feed, BoxError> {
        let Self {
            store,
            page: size,
            from,
        } = self;
        let mut feed = Feed {
            page: size,
            from,
            places: Vec::new(),
            came: Vec::new(),
        };
        let mut changes = store.changes();
        let mut after = from;
        loop {
            let page = store.read_all(ReadAll::after(after).limit(size)).await?;
            let now = Instant::now();
            assert!(page.scanned_to >= after, "the reader is sent back");
            after = page.scanned_to;
            for event in page.events {
                assert!(
                    event.position <= after,
                    "an event beyond the end of its page"
                );
                feed.came.push(now);
                feed.places.push(Place {
                    position: event.position.get(),
                    event_id: event.event_id(),
                    stream: event.stream.name().to_owned(),
                    version: event.version.get(),
                });
            }
            if ended.borrow().is_some_and(|last| after.get() >= last) {
                return Ok(feed);
            }
            if page.at_head {
                changes.changed(POLL).await;
            }
        }
    }
}

impl Feed {
    /// The events with the times when they came.
    pub(super) fn arrivals(&self) -> impl Iterator<Item = (&Place, Instant)> {
        self.places.iter().zip(self.came.iter().copied())
    }

    /// How many events came before a time.
    pub(super) fn read_before(&self, time: Instant) -> usize {
        self.came.iter().filter(|came| **came < time).count()
    }

    /// How long after a time the last event came.
    pub(super) fn closed_after(&self, time: Instant) -> Duration {
        let last = self.came.last();
        last.map_or(Duration::ZERO, |last| last.saturating_duration_since(time))
    }
}
