//! What stands in a store, read and written past every app.

use orchestrix::store::{
    Append, AppendError, Appended, EventData, EventStore, ExpectedVersion, MAX_PAGE, Payload,
    ReadAll, ReadStream, RecordedEvent, StreamId,
};
use serde_json::Value;

pub(crate) fn stream(name: &str) -> StreamId {
    name.parse().expect("a valid stream name")
}

/// The events of one stream.
pub(crate) async fn events(store: &impl EventStore, name: &str) -> Vec<RecordedEvent> {
    store
        .read_stream(ReadStream::forward(stream(name)))
        .await
        .expect("a readable stream")
}

/// All events of the store.
pub(crate) async fn all(store: &(impl EventStore + ?Sized)) -> Vec<RecordedEvent> {
    let mut all: Vec<RecordedEvent> = Vec::new();
    loop {
        let after = all.last().map(|event| event.position).unwrap_or_default();
        let page = store
            .read_all(ReadAll::after(after))
            .await
            .expect("a readable log");
        let end = page.events.len() < MAX_PAGE;
        all.extend(page.events);
        if end {
            return all;
        }
    }
}

/// An event with this body.
pub(crate) fn event(name: &str, schema_version: u32, body: Value) -> EventData {
    let body = Payload::of(&body).expect("JSON is JSON");
    EventData::new(name, schema_version, body)
}

/// Writes events whatever the stream is like.
pub(crate) async fn write(
    store: &impl EventStore,
    name: &str,
    events: Vec<EventData>,
) -> Result<Appended, AppendError> {
    let append = Append::new(stream(name), ExpectedVersion::Any, events);
    let mut outcomes = store.append(vec![append]).await;
    outcomes.pop().expect("one outcome for one append")
}
