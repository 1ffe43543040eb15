//! Writing to the stream of an instance of reactions.

use crate::app::Core;
use crate::message::{Event, MessageId, Metadata};
use crate::saga::event::SagaEvent;
use crate::saga::trouble::Trouble;
use crate::store::{Append, AppendError, EventData, ExpectedVersion, StreamId, StreamVersion};

/// Appends an event where the instance was at this version; none, where others have written to the stream since, else the
/// event's id.
pub(super) async fn append(
    core: &Core,
    (stream, version): (&StreamId, StreamVersion),
    event: &SagaEvent,
    metadata: &Metadata,
) -> Result<Option<MessageId>, Trouble> {
    let id = MessageId::new();
    let event_type = event.event_type();
    let body = event.encode().map_err(Trouble::last)?;
    let schema = event_type.schema_version();
    let data = EventData::known(id, core.clock.now(), event_type.stored_name(), schema, body);
    let data = data.with_metadata(metadata.clone());
    let expected = ExpectedVersion::Exact(version);
    let append = || Append::new(stream.clone(), expected, vec![data.clone()]);
    match core.executor.appender.append_surely(append).await {
        Ok(_) => Ok(Some(id)),
        Err(AppendError::Conflict { .. }) => Ok(None),
        Err(error) if error.is_transient() => Err(Trouble::Transient(error.into())),
        Err(error) => Err(Trouble::last(error)),
    }
}

/// What travels with all that follows from an event.
pub(super) fn caused_by(cause: MessageId, metadata: &Metadata) -> Metadata {
    let mut metadata = metadata.clone().caused_by(cause);
    metadata.correlation_id.get_or_insert(cause.into());
    metadata
}
