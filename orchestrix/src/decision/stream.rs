//! Where a decision's events go.

use super::DecisionError;
use crate::aggregate::{CommandOrigin, Encoded};
use crate::store::StreamId;

/// The stream that an event's first tag names.
pub(super) fn named_stream<E>(
    first: &Encoded,
    origin: &CommandOrigin,
) -> Result<StreamId, DecisionError<E>> {
    let tag = first.tags.first().ok_or_else(|| DecisionError::NoStream {
        event_type: first.data.event_type.clone(),
    })?;
    let stream = StreamId::new(tag.name(), tag.value());
    let stream = stream.map_err(|source| DecisionError::InvalidStream {
        tag: tag.clone(),
        source,
    })?;
    Ok(stream.with_tenant(origin.tenant.clone()))
}
