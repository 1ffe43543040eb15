//! The read side of a store: what is asked for and what comes back.

use std::sync::Arc;

use jiff::Timestamp;

use super::{EventQuery, GlobalPosition, RecordedEvent, StreamId, StreamVersion, Tag, TenantId};
use crate::error::BoxError;

/// The most events that one read returns, and what it returns unless told otherwise.
pub const MAX_PAGE: usize = 1_000;

/// Which way a stream is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Oldest first.
    #[default]
    Forward,
    /// Newest first.
    Backward,
}

/// A request for events of one stream: [`EventStore::read_stream`](super::EventStore::read_stream).
///
/// ```
/// use orchestrix::store::{ReadStream, StreamId, StreamVersion};
/// let tail = ReadStream::forward(StreamId::new("account", "7")?).from(StreamVersion::new(101)).limit(50);
/// assert_eq!(tail.limit, 50);
/// # Ok::<(), orchestrix::store::NameError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReadStream {
    /// The stream.
    pub stream: StreamId,
    /// Which way.
    pub direction: Direction,
    /// The lowest version wanted, inclusive.
    pub from: StreamVersion,
    /// The highest version wanted, inclusive.
    pub to: StreamVersion,
    /// At most so many events, 1 to [`MAX_PAGE`].
    pub limit: usize,
    /// Whether the events of an archived stream are wanted, too; without, it has none.
    pub with_archived: bool,
}

impl ReadStream {
    /// The whole stream, oldest first, at most [`MAX_PAGE`] events.
    pub fn forward(stream: StreamId) -> Self {
        Self {
            stream,
            direction: Direction::Forward,
            from: StreamVersion::FIRST,
            // Databases count in signed 64 bits.
            to: StreamVersion::new(i64::MAX as u64),
            limit: MAX_PAGE,
            with_archived: false,
        }
    }

    /// The whole stream, newest first, at most [`MAX_PAGE`] events.
    pub fn backward(stream: StreamId) -> Self {
        Self {
            direction: Direction::Backward,
            ..Self::forward(stream)
        }
    }

    /// Nothing below this version.
    #[must_use]
    pub fn from(mut self, version: StreamVersion) -> Self {
        self.from = version;
        self
    }

    /// Also where the stream was archived.
    #[must_use]
    pub fn with_archived(mut self) -> Self {
        self.with_archived = true;
        self
    }

    /// Nothing above this version.
    #[must_use]
    pub fn to(mut self, version: StreamVersion) -> Self {
        self.to = version.min(self.to);
        self
    }

    /// At most so many events; kept within 1 to [`MAX_PAGE`].
    #[must_use]
    pub fn limit(mut self, events: usize) -> Self {
        self.limit = events.clamp(1, MAX_PAGE);
        self
    }
}

/// Which events a reader of the whole store wants. Empty lists want all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filter {
    /// Stored names of event types; any of them.
    pub event_types: Vec<Arc<str>>,
    /// Categories of streams; any of them.
    pub categories: Vec<Arc<str>>,
    /// Only this tenant's.
    pub tenant: Option<TenantId>,
    /// Only what matches this, too.
    pub query: EventQuery,
    /// Only what happened then or later, by the writers' clocks.
    pub since: Option<Timestamp>,
    /// Only what happened before.
    pub until: Option<Timestamp>,
}

impl Filter {
    /// Every event.
    pub fn all() -> Self {
        Self::default()
    }

    /// Only these event types (stored names).
    #[must_use]
    pub fn event_types<T: Into<Arc<str>>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.event_types = names.into_iter().map(Into::into).collect();
        self
    }

    /// Only streams of these categories.
    #[must_use]
    pub fn categories<T: Into<Arc<str>>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.categories = names.into_iter().map(Into::into).collect();
        self
    }

    /// Only this tenant's events.
    #[must_use]
    pub fn tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = Some(tenant);
        self
    }

    /// Only events that have all of these tags; short for a [`query`](Filter::query).
    #[must_use]
    pub fn tags(self, tags: impl IntoIterator<Item = Tag>) -> Self {
        self.query(EventQuery::tagged(tags))
    }

    /// Only events that match, in place of the query or the tags given before.
    #[must_use]
    pub fn query(mut self, query: EventQuery) -> Self {
        self.query = query;
        self
    }

    /// Only what happened at this time or later, by the writers' clocks, which order nothing.
    #[must_use]
    pub fn since(mut self, time: Timestamp) -> Self {
        self.since = Some(time);
        self
    }

    /// Only what happened before this time, by the writers' clocks, which order nothing.
    #[must_use]
    pub fn until(mut self, time: Timestamp) -> Self {
        self.until = Some(time);
        self
    }

    /// Whether an event is wanted.
    pub fn matches(&self, event: &RecordedEvent) -> bool {
        let among = |names: &[Arc<str>], name: &str| {
            names.is_empty() || names.iter().any(|wanted| **wanted == *name)
        };
        among(&self.event_types, event.event_type())
            && among(&self.categories, event.stream.category())
            && self
                .tenant
                .as_ref()
                .is_none_or(|tenant| tenant == event.stream.tenant())
            && self
                .since
                .is_none_or(|since| event.data.occurred_at >= since)
            && self
                .until
                .is_none_or(|until| event.data.occurred_at < until)
            && self.query.matches(&event.data)
    }
}

/// A request for events of the whole store: [`EventStore::read_all`](super::EventStore::read_all).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReadAll {
    /// Only events behind this position, exclusive.
    pub after: GlobalPosition,
    /// Which of them.
    pub filter: Filter,
    /// At most so many events, 1 to [`MAX_PAGE`].
    pub limit: usize,
}

impl ReadAll {
    /// Everything behind a position, at most [`MAX_PAGE`] events.
    pub fn after(position: GlobalPosition) -> Self {
        Self {
            after: position,
            filter: Filter::all(),
            limit: MAX_PAGE,
        }
    }

    /// Only what the filter wants.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// At most so many events; kept within 1 to [`MAX_PAGE`].
    #[must_use]
    pub fn limit(mut self, events: usize) -> Self {
        self.limit = events.clamp(1, MAX_PAGE);
        self
    }
}

/// What [`EventStore::read_all`](super::EventStore::read_all) returns.
#[derive(Debug, Clone)]
pub struct Page {
    /// Matching events, by position.
    pub events: Vec<RecordedEvent>,
    /// Every matching event up to here, inclusive, is in this page or an earlier one: the place to go on after, also
    /// when nothing matched. Never below the position asked for.
    pub scanned_to: GlobalPosition,
    /// Whether that was the head: nothing more can be read just now.
    pub at_head: bool,
}

/// Why reading from a store failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The store cannot be reached or is too busy.
    #[error("the store is unavailable")]
    Unavailable {
        /// What the driver said.
        source: BoxError,
    },
    /// The store refused or failed.
    #[error("the store failed to read")]
    Failed {
        /// What the driver said.
        source: BoxError,
    },
    /// A row cannot be turned into an event: somebody else wrote it, or the file is damaged.
    #[error("the stored event at {place} is damaged")]
    Corrupt {
        /// Position, or stream and version.
        place: String,
        /// What is wrong with it.
        source: BoxError,
    },
}

impl ReadError {
    /// Whether the same read may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}
