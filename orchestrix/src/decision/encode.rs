//! From a decision's events to what is appended.

use super::DecisionError;
use crate::aggregate::{CommandContext, CommandOrigin};
use crate::message::{Event, MessageId};
use crate::store::{EventData, StreamId, Tag};

/// The events, each with its tags as they were declared.
pub(super) type Tagged = (EventData, Vec<Tag>);

pub(super) fn encode<V: Event, E>(
    event: &V,
    origin: &CommandOrigin,
    cx: &CommandContext,
) -> Result<Tagged, DecisionError<E>> {
    let event_type = event.event_type();
    let payload = event.encode().map_err(|source| DecisionError::Encode {
        event_type: event_type.name(),
        source,
    })?;
    let tags = event.tags().map_err(|source| DecisionError::InvalidTag {
        event_type: event_type.name(),
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
    Ok((data, tags))
}

/// The stream that an event's first tag names.
pub(super) fn named_stream<E>(
    (data, tags): &Tagged,
    origin: &CommandOrigin,
) -> Result<StreamId, DecisionError<E>> {
    let first = tags.first().ok_or_else(|| DecisionError::NoStream {
        event_type: data.event_type.clone(),
    })?;
    let stream = StreamId::new(first.name(), first.value());
    let stream = stream.map_err(|source| DecisionError::InvalidStream {
        tag: first.clone(),
        source,
    })?;
    Ok(stream.with_tenant(origin.tenant.clone()))
}
