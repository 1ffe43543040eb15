//! What a handler knows of its event, where it has no effects to repeat.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use crate::app::{Core, View};
use crate::message::{Key, MessageId, Metadata};
use crate::projection::Projection;
use crate::store::{GlobalPosition, RecordedEvent, StreamId, StreamVersion};

/// What an `#[on(replay)]` method knows of its event. It dispatches nothing: such a method may be called again for events
/// of long ago, by [`App::replay`](crate::app::App::replay), and no command is to follow from them a second time.
///
/// ```
/// use orchestrix::prelude::*;
/// # #[derive(Event, Serialize, Deserialize)] struct Sold { pence: i64 }
///
/// struct Search;
///
/// #[module(name = "search")]
/// impl Search {
///     /// Writes a row by the event's id: doing so again changes nothing.
///     #[on(replay)]
///     async fn index(&self, event: &Sold, cx: &ReplayContext) {
///         if !cx.is_replay() {
///             println!("{} pence, at {}", event.pence, cx.position());
///         }
///     }
/// }
/// ```
#[derive(Clone)]
pub struct ReplayContext {
    core: Arc<Core>,
    recorded: RecordedEvent,
    is_replay: bool,
}

impl ReplayContext {
    /// Of an event that the subscription consumes.
    pub(crate) fn live(core: Arc<Core>, recorded: RecordedEvent) -> Self {
        Self {
            core,
            recorded,
            is_replay: false,
        }
    }

    /// Of an event that is replayed.
    pub(crate) fn replayed(core: Arc<Core>, recorded: RecordedEvent) -> Self {
        Self {
            is_replay: true,
            ..Self::live(core, recorded)
        }
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    pub(crate) fn recorded(&self) -> &RecordedEvent {
        &self.recorded
    }

    /// Whether the event is replayed; if not, the subscription consumes it, which may be a second time, too.
    pub fn is_replay(&self) -> bool {
        self.is_replay
    }

    /// Where the event stands in the whole store.
    pub fn position(&self) -> GlobalPosition {
        self.recorded.position
    }

    /// The event's stream.
    pub fn stream(&self) -> &StreamId {
        &self.recorded.stream
    }

    /// Where the event stands in its stream.
    pub fn version(&self) -> StreamVersion {
        self.recorded.version
    }

    /// The event's id: what to deduplicate effects by, since an event may come more than once.
    pub fn event_id(&self) -> MessageId {
        self.recorded.event_id()
    }

    /// Where the event comes from.
    pub fn metadata(&self) -> &Metadata {
        &self.recorded.data.metadata
    }

    /// When the event happened.
    pub fn occurred_at(&self) -> Timestamp {
        self.recorded.data.occurred_at
    }

    /// A document of a read model, of the event's tenant: as it is now, also in a replay.
    pub fn view<P: Projection>(&self, key: &(impl Key + ?Sized)) -> View<P> {
        View::new(self.core.clone(), key.to_key()).tenant(self.stream().tenant().clone())
    }
}

impl fmt::Debug for ReplayContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayContext")
            .field("recorded", &self.recorded)
            .field("is_replay", &self.is_replay)
            .finish_non_exhaustive()
    }
}
