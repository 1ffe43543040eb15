//! Writing to the stream of an instance of reactions.

use super::instance::ReactingInstance;
use crate::app::Core;
use crate::message::{Event, MessageId, Metadata};
use crate::saga::event::SagaEvent;
use crate::saga::tally;
use crate::saga::trouble::Trouble;
use crate::store::{Append, AppendError, EventData, ExpectedVersion, StreamId};

/// Appends an event where the instance was as it is here; none, where others have written to the stream since, else the
/// event's id.
pub(super) async fn append(
    core: &Core,
    (stream, instance): (&StreamId, &ReactingInstance),
    event: &SagaEvent,
    metadata: &Metadata,
) -> Result<Option<MessageId>, Trouble> {
    let id = MessageId::new();
    let event_type = event.event_type();
    let body = event.encode().map_err(Trouble::last)?;
    let schema = event_type.schema_version();
    let now = core.clock.now();
    let data = EventData::known(id, now, event_type.stored_name(), schema, body);
    let data = data.with_metadata(metadata.clone());
    let expected = ExpectedVersion::Exact(instance.version);
    let append = || Append::new(stream.clone(), expected, vec![data.clone()]);
    match core.executor.appender.append_surely(append).await {
        Ok(_) => {
            // One that was stuck goes on: that is no end.
            if !matches!(event, SagaEvent::Resolved(_)) {
                tally::kept(stream, instance.before(), (event, now));
            }
            Ok(Some(id))
        }
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
