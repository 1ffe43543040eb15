//! A log that is long before anybody reads it.

use orchestrix::error::BoxError;
use orchestrix::store::{
    Append, EventData, EventStore, ExpectedVersion, GlobalPosition, Payload, StreamId,
};

/// Events of one append, and appends of one call.
const BATCH: usize = 500;
const CALL: usize = 4;

/// Appends so many equal events to a stream, and tells where the head is then.
pub(super) async fn fill(
    store: &dyn EventStore,
    stream: &StreamId,
    event_type: &str,
    payload: &Payload,
    events: usize,
) -> Result<GlobalPosition, BoxError> {
    let event = || EventData::new(event_type, 1, payload.clone());
    let mut left = events;
    while left > 0 {
        let mut appends = Vec::new();
        while left > 0 && appends.len() < CALL {
            let batch = (0..left.min(BATCH)).map(|_| event()).collect::<Vec<_>>();
            left -= batch.len();
            appends.push(Append::new(stream.clone(), ExpectedVersion::Any, batch));
        }
        for outcome in store.append(appends).await {
            outcome?;
        }
    }
    Ok(store.head().await?)
}
