//! Logs with a bit of everything, and stores to copy them between.

use std::sync::Arc;

use jiff::Timestamp;
use orchestrix::error::BoxError;
use orchestrix::message::{MessageId, Metadata};
use orchestrix::store::{
    Append, EventData, EventStore, EventStoreExt as _, ExpectedVersion, GlobalPosition,
    MemoryStore, Payload, ReadAll, RecordedEvent, StreamId, Tag, TenantId,
};

/// Stored names of event types, in turn.
const TYPES: [&str; 3] = ["Opened", "Paid", "Geschlossen-ß"];

/// The `n`-th event: JSON of all sorts or bytes, with tags and metadata now and then.
pub(super) fn event(n: usize) -> Result<EventData, BoxError> {
    let payload = match n % 5 {
        0 => Payload::binary([0, 255, (n % 251) as u8, 0x80].repeat(n % 7)),
        1 => Payload::from_json_text(
            "{\"b\":1e400, \"a\" : \"\\u0000 ü\",\"a\":12345678901234567890123}",
        )?,
        2 => Payload::from_json_text("null")?,
        _ => Payload::of(&serde_json::json!({ "n": n, "text": "x".repeat(n % 40) }))?,
    };
    let mut metadata = Metadata::default();
    if !n.is_multiple_of(3) {
        let id = MessageId::new();
        metadata = Metadata::begin(id).caused_by(id).with("channel", "wéb");
        metadata.actor = Some(format!("user {n}"));
    }
    if n % 6 == 5 {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        metadata.trace = Some(trace.parse()?);
    }
    let mut tags = Vec::new();
    for tag in 0..n % 4 {
        tags.push(Tag::of("thing", &format!("{}", n + tag))?);
    }
    // Times that go back and forth, and end within a microsecond.
    let time = Timestamp::from_nanosecond(1_700_000_000_123_456_789 - (n as i128 * 7_654_321))?;
    let schema_version = 1 + (n % 3) as u32;
    let event = EventData::new(TYPES[n % TYPES.len()], schema_version, payload);
    Ok(event
        .with_metadata(metadata)
        .with_occurred_at(time)
        .with_tags(tags))
}

/// The stream with this number; every third belongs to another tenant, under a name that both tenants have.
pub(super) fn stream(number: usize) -> Result<StreamId, BoxError> {
    let stream = StreamId::new("thing", &(number / 3).to_string())?;
    Ok(match number % 3 {
        0 => stream.with_tenant(TenantId::new("other")?),
        1 => StreamId::new("kind", &number.to_string())?,
        _ => stream,
    })
}

/// Appends `appends` times a few events to one or two of `streams` streams; gives the number of events.
pub(super) async fn fill(
    store: &dyn EventStore,
    appends: usize,
    streams: usize,
) -> Result<usize, BoxError> {
    let mut events = 0;
    for n in 0..appends {
        let some = |count: usize, from: usize| (from..from + count).map(event).collect();
        let several: Result<Vec<_>, _> = some(1 + n % 4, n);
        let number = (n * n + n / 5) % streams;
        let mut append = Append::new(stream(number)?, ExpectedVersion::Any, several?);
        if n % 4 == 3 {
            let two: Result<Vec<_>, _> = some(2, n + 1);
            append = append.and(stream((number + 1) % streams)?, ExpectedVersion::Any, two?);
        }
        events += append.event_count();
        store.append(vec![append]).await.remove(0)?;
    }
    Ok(events)
}

/// A memory store that was filled, and the number of its events.
pub(super) async fn filled(
    appends: usize,
    streams: usize,
) -> Result<(Arc<MemoryStore>, usize), BoxError> {
    let store = Arc::new(MemoryStore::new());
    let events = fill(&*store, appends, streams).await?;
    Ok((store, events))
}

/// Everything in a store, without positions.
pub(super) async fn contents(store: &dyn EventStore) -> Result<Vec<RecordedEvent>, BoxError> {
    use futures_util::TryStreamExt as _;
    let log = store.stream_all(ReadAll::after(GlobalPosition::START));
    let mut events: Vec<RecordedEvent> = log.try_collect().await?;
    for event in &mut events {
        event.position = GlobalPosition::START;
    }
    Ok(events)
}
