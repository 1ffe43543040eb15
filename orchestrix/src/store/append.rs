//! The write side of a store: what is appended and what comes of it.

use super::limits::Excess;
use super::name::check_name;
use super::{
    EventData, EventQuery, ExpectedVersion, GlobalPosition, IdempotencyKey, InlineWrite, Limit,
    Limits, NameError, StreamId, StreamVersion, inline,
};
use crate::error::BoxError;
use crate::message::MessageId;

/// One unit of writing: all of its events are stored, or none.
///
/// ```
/// use orchestrix::store::{Append, EventData, ExpectedVersion, Payload, StreamId};
/// let opened = EventData::new("AccountOpened", 1, Payload::of(&"{}")?);
/// let append = Append::new(StreamId::new("account", "7")?, ExpectedVersion::NoStream, vec![opened]);
/// assert_eq!(append.writes().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Append {
    writes: Vec<StreamWrite>,
    condition: Option<AppendCondition>,
    idempotency_key: Option<IdempotencyKey>,
    inline: Vec<InlineWrite>,
}

/// What must not have happened: a consistency boundary that is not a stream, but all events that match a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendCondition {
    /// Which events were looked at.
    pub query: EventQuery,
    /// How far the log was read: [`Page::scanned_to`](super::Page::scanned_to). Matching events behind it refuse the
    /// append.
    pub after: GlobalPosition,
}

/// Longest stored name of an event type, in bytes.
pub const MAX_EVENT_TYPE_BYTES: usize = 256;

/// The part of an [`Append`] that concerns one stream.
#[derive(Debug, Clone)]
pub struct StreamWrite {
    /// Where to.
    pub stream: StreamId,
    /// What the stream must be like.
    pub expected: ExpectedVersion,
    /// What is added, in this order.
    pub events: Vec<EventData>,
}

impl Append {
    /// Events for one stream.
    pub fn new(stream: StreamId, expected: ExpectedVersion, events: Vec<EventData>) -> Self {
        Self {
            writes: vec![StreamWrite {
                stream,
                expected,
                events,
            }],
            condition: None,
            idempotency_key: None,
            inline: Vec::new(),
        }
    }

    /// And events for another stream, in the same unit. Streams must differ within a unit.
    #[must_use]
    pub fn and(
        mut self,
        stream: StreamId,
        expected: ExpectedVersion,
        events: Vec<EventData>,
    ) -> Self {
        self.writes.push(StreamWrite {
            stream,
            expected,
            events,
        });
        self
    }

    /// Only if no event that matches the query has been stored behind `after`, in the tenant of the first write.
    ///
    /// ```
    /// use orchestrix::store::{Append, EventData, EventQuery, ExpectedVersion, GlobalPosition, Payload, StreamId, Tag};
    /// let course = Tag::of("course", "c1")?;
    /// let defined = EventData::new("CourseDefined", 1, Payload::of(&"{}")?).with_tags([course.clone()]);
    /// let append = Append::new(StreamId::new("course", "c1")?, ExpectedVersion::Any, vec![defined])
    ///     .unless(EventQuery::tagged([course]), GlobalPosition::START);
    /// assert!(append.condition().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn unless(mut self, query: EventQuery, after: GlobalPosition) -> Self {
        self.condition = Some(AppendCondition { query, after });
        self
    }

    /// As the request that this key names: where it was stored before, in the tenant of the first write, nothing is
    /// stored, and the first outcome is given again whatever the events and the expectations are.
    #[must_use]
    pub fn with_idempotency_key(mut self, key: IdempotencyKey) -> Self {
        self.idempotency_key = Some(key);
        self
    }

    /// And these changes of read models, in the transaction that stores the events: all of it or nothing. They are done
    /// once all else was accepted, and not for what had been stored before. Refused with
    /// [`AppendError::ReadModelMoved`] where a progress is elsewhere, or the builds that are named of a read model are not
    /// all that there are.
    ///
    /// ```
    /// use orchestrix::store::{
    ///     Append, AppendError, DocumentWrite, EventData, EventStore, ExpectedVersion, InlineWrite, MemoryStore, Payload,
    ///     ReadModelStore, StreamId, StreamVersion,
    /// };
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = MemoryStore::new();
    /// let stream = StreamId::new("account", "7")?;
    /// let append = || -> Result<Append, serde_json::Error> {
    ///     let opened = EventData::new("AccountOpened", 1, Payload::of(&"{}")?);
    ///     let balance = InlineWrite {
    ///         read_model: "balance@1+inline".to_owned(),
    ///         build: 0,
    ///         stream: stream.clone(),
    ///         from: StreamVersion::NONE,
    ///         moves: true,
    ///         indexes: Vec::new(),
    ///         write: Some(DocumentWrite {
    ///             tenant: stream.tenant().clone(),
    ///             key: stream.key().to_owned(),
    ///             body: Some(Payload::of(&0)?),
    ///             index_values: Vec::new(),
    ///         }),
    ///     };
    ///     Ok(Append::new(stream.clone(), ExpectedVersion::NoStream, vec![opened]).with_inline(vec![balance]))
    /// };
    /// assert!(store.append(vec![append()?]).await[0].is_ok());
    /// let progress = store.stream_progress("balance@1+inline", &[stream.clone()]).await?;
    /// assert_eq!(progress, [StreamVersion::new(1)]);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn with_inline(mut self, inline: Vec<InlineWrite>) -> Self {
        self.inline = inline;
        self
    }

    /// What it changes in read models.
    pub fn inline(&self) -> &[InlineWrite] {
        &self.inline
    }

    /// What must not have happened.
    pub fn condition(&self) -> Option<&AppendCondition> {
        self.condition.as_ref()
    }

    /// The request that it is.
    pub fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        self.idempotency_key.as_ref()
    }

    /// The streams written to, in order.
    pub fn writes(&self) -> &[StreamWrite] {
        &self.writes
    }

    /// With other writes, under the same condition and key: for stores that wrap others.
    #[must_use]
    pub fn with_writes(mut self, writes: Vec<StreamWrite>) -> Self {
        self.writes = writes;
        self
    }

    /// Takes the writes out.
    pub fn into_writes(self) -> Vec<StreamWrite> {
        self.writes
    }

    /// How many events it holds.
    pub fn event_count(&self) -> usize {
        self.writes.iter().map(|write| write.events.len()).sum()
    }

    /// For stores: refuses what no store may accept, before anything is sent: a write with no events, a stream or an
    /// event id that is there twice, what is over a limit, an event type that is no name, an inline write that does not fit
    /// the append.
    ///
    /// # Errors
    /// [`AppendError::Empty`], [`AppendError::StreamTwice`], [`AppendError::DuplicateEvent`],
    /// [`AppendError::LimitExceeded`], [`AppendError::InvalidEventType`] or, for an inline write, [`AppendError::Failed`].
    pub fn check(&self, limits: &Limits) -> Result<(), AppendError> {
        let Some(first) = self.writes.first() else {
            return Err(AppendError::Empty { stream: None });
        };
        let over = |stream: &StreamId| over(stream.clone());
        limits
            .hold(Limit::AppendEvents, self.event_count())
            .map_err(over(&first.stream))?;
        if let Some(condition) = &self.condition {
            limits
                .hold(Limit::QueryItems, widest(&condition.query))
                .map_err(over(&first.stream))?;
        }
        let mut ids = std::collections::HashSet::new();
        let mut bytes = 0;
        for (n, write) in self.writes.iter().enumerate() {
            if write.events.is_empty() {
                return Err(AppendError::Empty {
                    stream: Some(write.stream.clone()),
                });
            }
            if self.writes[..n]
                .iter()
                .any(|other| other.stream == write.stream)
            {
                return Err(AppendError::StreamTwice {
                    stream: write.stream.clone(),
                });
            }
            // A lone event cannot repeat itself; the set is spared for the commonest append.
            let is_alone = self.writes.len() == 1 && write.events.len() == 1;
            for event in &write.events {
                check_name("event type", &event.event_type, MAX_EVENT_TYPE_BYTES).map_err(
                    |source| AppendError::InvalidEventType {
                        stream: write.stream.clone(),
                        source,
                    },
                )?;
                bytes += limits.check_event(event).map_err(over(&write.stream))?;
                if !is_alone && !ids.insert(event.event_id) {
                    return Err(AppendError::DuplicateEvent {
                        stream: write.stream.clone(),
                        event_id: event.event_id,
                    });
                }
            }
        }
        limits
            .hold(Limit::AppendBytes, bytes)
            .map_err(over(&first.stream))?;
        inline::check(&self.inline, &self.writes)
    }
}

fn over(stream: StreamId) -> impl FnOnce(Excess) -> AppendError {
    |excess| AppendError::LimitExceeded {
        stream,
        limit: excess.limit,
        found: excess.found,
        allowed: excess.allowed,
    }
}

/// The longest of the lists that a query consists of.
fn widest(query: &EventQuery) -> usize {
    let lists = query
        .items()
        .iter()
        .map(|item| item.type_names().len().max(item.tags().len()));
    lists.fold(query.items().len(), usize::max)
}

/// Where an [`Append`] was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// One entry for each stream written to, in the order of the writes.
    pub streams: Vec<AppendedStream>,
    /// The position of the last event: a reader that has come this far has seen all of the append.
    pub position: GlobalPosition,
    /// `true` when the same events, or any under the same idempotency key, had been stored before, and this is that first
    /// outcome.
    pub repeated: bool,
}

/// Where the events of one stream were stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendedStream {
    /// The stream.
    pub stream: StreamId,
    /// The first event's version.
    pub first_version: StreamVersion,
    /// The last event's version, where the stream stood after the append.
    pub last_version: StreamVersion,
}

/// Why an [`Append`] was not acknowledged.
///
/// There are three outcomes: done (`Ok`), refused or failed (nothing was stored), and
/// [`Indeterminate`](AppendError::Indeterminate).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The stream is not as expected. Nothing was stored.
    #[error("conflict on stream {stream}: expected {expected}, it is at version {actual}")]
    Conflict {
        /// The stream.
        stream: StreamId,
        /// What the writer expected.
        expected: ExpectedVersion,
        /// Where the stream is.
        actual: StreamVersion,
    },
    /// Events came that the append is conditional on not coming. Nothing was stored.
    #[error("conflict: an event at position {found}, behind position {after}, is {query}")]
    ConditionConflict {
        /// The condition's query.
        query: EventQuery,
        /// How far the log had been read.
        after: GlobalPosition,
        /// Where one of the events stands.
        found: GlobalPosition,
    },
    /// The stream was archived, and takes no more events. Nothing was stored.
    #[error("stream {stream} was archived at version {version}, and takes no more events")]
    Archived {
        /// The stream.
        stream: StreamId,
        /// Its last version.
        version: StreamVersion,
    },
    /// The append is larger than the store takes. Nothing was stored.
    #[error("an append to {stream} has {found} {limit}, at most {allowed} are allowed")]
    LimitExceeded {
        /// The stream whose write is too large, or the first one.
        stream: StreamId,
        /// Which limit.
        limit: Limit,
        /// How many there are.
        found: usize,
        /// How many there may be.
        allowed: usize,
    },
    /// The name of an event's type is no name. Nothing was stored.
    #[error("an event for {stream} has a type that no store accepts")]
    InvalidEventType {
        /// The stream.
        stream: StreamId,
        /// What is wrong with the name.
        source: NameError,
    },
    /// There is nothing to append. Nothing was stored.
    #[error("an append to {} holds no events", .stream.as_ref().map_or_else(|| "no stream".to_owned(), ToString::to_string))]
    Empty {
        /// The stream whose write is empty, if there is a write at all.
        stream: Option<StreamId>,
    },
    /// One stream is written to twice in one unit. Nothing was stored.
    #[error("stream {stream} stands twice in one append: put its events in one write")]
    StreamTwice {
        /// The stream.
        stream: StreamId,
    },
    /// The event's id is taken by another event, or stands twice in the append. Nothing was stored.
    #[error("the event id {event_id} for stream {stream} belongs to another event already")]
    DuplicateEvent {
        /// The stream that was written to.
        stream: StreamId,
        /// The id.
        event_id: MessageId,
    },
    /// A read model that was to be changed with the events is not as it was seen: others folded events of the stream, or
    /// it was built anew. Nothing was stored.
    #[error(
        "read model `{read_model}` was changed meanwhile, where it is to follow stream {stream}"
    )]
    ReadModelMoved {
        /// Which.
        read_model: String,
        /// The stream that it was to follow.
        stream: StreamId,
    },
    /// An inline projection cannot fold one of the events. Nothing was stored.
    #[error("projection `{projection}` cannot fold `{event_type}` for stream {stream}")]
    NotFolded {
        /// The projection's subscription.
        projection: String,
        /// The stream.
        stream: StreamId,
        /// The event's stored name.
        event_type: String,
        /// Why.
        source: BoxError,
    },
    /// The store cannot be reached or is too busy. Nothing was stored.
    #[error("the store is unavailable")]
    Unavailable {
        /// What the driver said.
        source: BoxError,
    },
    /// The store refused or failed. Nothing was stored.
    #[error("the store failed to append")]
    Failed {
        /// What the driver said.
        source: BoxError,
    },
    /// The connection broke after the append was sent: it may be stored as a whole, or not at all. Appending the same
    /// event ids again finds out, and is safe.
    #[error("it is not known whether the append was stored")]
    Indeterminate {
        /// What the driver said.
        source: BoxError,
    },
}

impl AppendError {
    /// Whether others were faster: the stream is not as expected, or events came that must not have come.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. } | Self::ConditionConflict { .. })
    }

    /// Whether the same append may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unavailable { .. } | Self::Indeterminate { .. } | Self::ReadModelMoved { .. }
        )
    }
}
