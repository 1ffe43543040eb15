//! State from a stream: a left fold over its events.

use std::time::Duration;

use tracing::{Instrument, info_span};

use super::{Aggregate, BrokenStream};
use crate::message::{DecodeError, Event};
use crate::store::{
    EventStore, GlobalPosition, MAX_PAGE, NameError, ReadError, ReadStream, RecordedEvent,
    StreamId, StreamVersion,
};
use crate::telemetry;
use crate::tenant::TenantRequired;

/// An aggregate as its stream tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded<A> {
    /// The state; none when the stream has no events and the aggregate no default.
    pub state: Option<A>,
    /// How many events it is the sum of.
    pub version: StreamVersion,
    /// Where the last of them stands in the whole store.
    pub position: GlobalPosition,
}

impl<A: Aggregate> Loaded<A> {
    /// Whether its stream has events.
    pub fn exists(&self) -> bool {
        self.version > StreamVersion::NONE
    }

    pub(crate) fn nothing() -> Self {
        Self {
            state: A::initial(),
            version: StreamVersion::NONE,
            position: GlobalPosition::START,
        }
    }

    /// Adds a stored event to the state.
    pub(crate) fn add(&mut self, recorded: &RecordedEvent) -> Result<(), LoadError> {
        let place = || {
            (
                recorded.stream.clone(),
                recorded.version,
                recorded.event_type().to_owned(),
            )
        };
        if recorded.version != self.version.next() {
            return Err(LoadError::Gap {
                stream: recorded.stream.clone(),
                expected: self.version.next(),
                found: recorded.version,
            });
        }
        let event = match A::Event::decode(&recorded.data) {
            Some(Ok(event)) => event,
            Some(Err(source)) => {
                let (stream, version, _) = place();
                return Err(LoadError::Decode {
                    stream,
                    version,
                    source: source.into(),
                });
            }
            None => {
                let (stream, version, event_type) = place();
                return Err(LoadError::ForeignEvent {
                    stream,
                    version,
                    event_type,
                    category: A::CATEGORY,
                });
            }
        };
        A::apply(&mut self.state, &event).map_err(|source| {
            let (stream, version, event_type) = place();
            LoadError::Broken {
                stream,
                version,
                event_type,
                source,
            }
        })?;
        self.version = recorded.version;
        self.position = recorded.position;
        Ok(())
    }

    /// Adds what a read wants of the stream behind the version it is at.
    pub(crate) async fn catch_up(
        &mut self,
        store: &dyn EventStore,
        read: ReadStream,
    ) -> Result<(), LoadError> {
        let span = info_span!(telemetry::LOAD, { telemetry::STREAM } = %read.stream, { telemetry::VERSION } = self.version.get());
        async {
            loop {
                let rest = read.clone().from(self.version.next());
                let events = store.read_stream(rest).await?;
                for recorded in &events {
                    self.add(recorded)?;
                }
                if events.len() < MAX_PAGE {
                    return Ok(());
                }
            }
        }
        .instrument(span)
        .await
    }
}

/// Why an aggregate could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The key names no stream.
    #[error("the key names no stream")]
    InvalidKey {
        /// What is wrong with it.
        source: NameError,
    },
    /// Nothing says whose stream, and the app needs that.
    #[error(transparent)]
    TenantRequired(#[from] TenantRequired),
    /// There is no such instance, and one was [asked for](crate::app::Load::existing).
    #[error("stream {stream} does not exist")]
    NotFound {
        /// The stream.
        stream: StreamId,
    },
    /// The store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The stream was not read in time.
    #[error("reading stream {stream} took longer than {limit:?}")]
    Timeout {
        /// The stream.
        stream: StreamId,
        /// The limit.
        limit: Duration,
    },
    /// An event does not decode.
    #[error("version {version} of stream {stream} could not be read")]
    Decode {
        /// The stream.
        stream: StreamId,
        /// The event's version.
        version: StreamVersion,
        /// What is wrong with it.
        source: Box<DecodeError>,
    },
    /// An event that the aggregate does not know stands in its stream.
    #[error(
        "version {version} of stream {stream} is `{event_type}`, which aggregate `{category}` has no #[apply] for"
    )]
    ForeignEvent {
        /// The stream.
        stream: StreamId,
        /// The event's version.
        version: StreamVersion,
        /// Its stored name.
        event_type: String,
        /// The aggregate.
        category: &'static str,
    },
    /// An event stands where it cannot.
    #[error("version {version} of stream {stream}, `{event_type}`, cannot stand there")]
    Broken {
        /// The stream.
        stream: StreamId,
        /// The event's version.
        version: StreamVersion,
        /// Its stored name.
        event_type: String,
        /// Why not.
        source: BrokenStream,
    },
    /// A version is missing.
    #[error("stream {stream} has a gap: version {expected} should follow, but {found} does")]
    Gap {
        /// The stream.
        stream: StreamId,
        /// What should be there.
        expected: StreamVersion,
        /// What is there.
        found: StreamVersion,
    },
}

impl LoadError {
    /// Whether loading again may succeed.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Read(error) => error.is_transient(),
            Self::Timeout { .. } => true,
            _ => false,
        }
    }
}
