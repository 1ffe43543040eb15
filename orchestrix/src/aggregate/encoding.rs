//! From an event to what is stored.

use super::{CommandContext, CommandOrigin};
use crate::message::{Event, MessageId};
use crate::store::{EventData, NameError, Tag};

/// An event to append, with its tags as they were declared.
pub(crate) struct Encoded {
    pub(crate) data: EventData,
    pub(crate) tags: Vec<Tag>,
}

/// Why an event cannot be stored.
pub(crate) enum Unencodable {
    /// It cannot be written as JSON.
    Json {
        event_type: &'static str,
        source: serde_json::Error,
    },
    /// A field with `#[tag]` holds what gives no tag.
    Tag {
        event_type: &'static str,
        source: NameError,
    },
}

/// With a fresh id, as of the command's time, with the command as its cause.
pub(crate) fn encode<V: Event>(
    event: &V,
    origin: &CommandOrigin,
    cx: &CommandContext,
) -> Result<Encoded, Unencodable> {
    let event_type = event.event_type();
    let name = event_type.name();
    let payload = event.encode().map_err(|source| Unencodable::Json {
        event_type: name,
        source,
    })?;
    let tags = event.tags().map_err(|source| Unencodable::Tag {
        event_type: name,
        source,
    })?;
    let data = EventData::known(
        MessageId::new(),
        cx.now(),
        event_type.stored_name(),
        event_type.schema_version(),
        payload,
    )
    .with_metadata(origin.metadata_of_effects())
    .with_tags(tags.iter().cloned());
    Ok(Encoded { data, tags })
}
