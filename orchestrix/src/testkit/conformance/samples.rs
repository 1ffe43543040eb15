//! Events, names and texts that behaviours write.

use jiff::Timestamp;

use super::violation::Violation;
use crate::message::MessageId;
use crate::store::{
    Append, EventData, EventQuery, ExpectedVersion, IdempotencyKey, Payload, RecordedEvent,
    StreamId, StreamVersion, Tag, TenantId,
};

/// The category of streams that a behaviour does not care about.
pub(super) const CATEGORY: &str = "thing";
/// The type of events that a behaviour does not care about.
pub(super) const HAPPENED: &str = "Happened";
/// A time with microseconds, so it is read as it was written.
pub(super) const NOON: Timestamp = Timestamp::constant(1_291_204_800, 123_456_000);

/// Texts that careless SQL, patterns or encodings trip over. No control characters: names refuse them.
pub(super) const HOSTILE_TEXTS: &[&str] = &[
    "'",
    "''",
    "\"",
    "`",
    "\\",
    "\\'",
    "%",
    "_",
    "100%",
    "a_c",
    "abc",
    "--",
    "-- drop",
    "';drop table events;--",
    "/* */",
    "$$",
    "$1",
    "?",
    ":name",
    "@x",
    "{}",
    "[]",
    "{1,2}",
    "NULL",
    "null",
    "\\N",
    "\\x00",
    "\\u0000",
    "0",
    "1e5",
    " ",
    " x",
    "x ",
    "x",
    "X",
    "/",
    "../..",
    "a\u{a0}b",
    "straße",
    "strasse",
    "STRASSE",
    "caf\u{e9}",
    "cafe\u{301}",
    "\u{200b}",
    "\u{202e}gnp",
    "\u{feff}",
    "\u{fffd}",
    "\u{ffff}",
    "\u{10ffff}",
    "日本語",
    "עברית",
    "👩‍👩‍👧‍👦",
    "🦀",
];

/// A stream of the default tenant.
pub(super) fn stream(key: &str) -> Result<StreamId, Violation> {
    Ok(StreamId::new(CATEGORY, key)?)
}

/// A stream of another tenant.
pub(super) fn stream_of(tenant: &str, key: &str) -> Result<StreamId, Violation> {
    Ok(stream(key)?.with_tenant(TenantId::new(tenant)?))
}

/// One event with a fresh id.
pub(super) fn event() -> Result<EventData, Violation> {
    event_of_type(HAPPENED)
}

/// One event of this type, with a fresh id.
pub(super) fn event_of_type(event_type: &str) -> Result<EventData, Violation> {
    let payload = Payload::from_json_text("{\"n\":1}")?;
    Ok(EventData::new(event_type, 1, payload).with_occurred_at(NOON))
}

/// One event with this payload and a fresh id.
pub(super) fn event_with(payload: Payload) -> Result<EventData, Violation> {
    let mut event = event()?;
    event.payload = payload;
    Ok(event)
}

/// One event with these tags and a fresh id.
pub(super) fn tagged(tags: &[&str]) -> Result<EventData, Violation> {
    let tags: Result<Vec<_>, _> = tags.iter().map(|text| tag(text)).collect();
    Ok(event()?.with_tags(tags?))
}

/// A tag of this text.
pub(super) fn tag(text: &str) -> Result<Tag, Violation> {
    Ok(Tag::new(text)?)
}

/// Everything with this tag.
pub(super) fn about(text: &str) -> Result<EventQuery, Violation> {
    Ok(EventQuery::tagged([tag(text)?]))
}

/// The same append as the request of this name.
pub(super) fn keyed(append: Append, key: &str) -> Result<Append, Violation> {
    Ok(append.with_idempotency_key(IdempotencyKey::new(key)?))
}

/// As many events, each with a fresh id.
pub(super) fn events(count: usize) -> Result<Vec<EventData>, Violation> {
    (0..count).map(|_| event()).collect()
}

/// An append of as many events to one stream, whatever is there.
pub(super) fn some(stream: &StreamId, count: usize) -> Result<Append, Violation> {
    Ok(Append::new(
        stream.clone(),
        ExpectedVersion::Any,
        events(count)?,
    ))
}

/// Exactly this version.
pub(super) const fn exact(version: u64) -> ExpectedVersion {
    ExpectedVersion::Exact(StreamVersion::new(version))
}

/// The ids of the events of an append, over all of its streams.
pub(super) fn ids_of(append: &Append) -> Vec<MessageId> {
    append
        .writes()
        .iter()
        .flat_map(|write| &write.events)
        .map(|event| event.event_id)
        .collect()
}

/// The ids of recorded events.
pub(super) fn ids(events: &[RecordedEvent]) -> Vec<MessageId> {
    events.iter().map(RecordedEvent::event_id).collect()
}

/// The versions of recorded events.
pub(super) fn versions(events: &[RecordedEvent]) -> Vec<u64> {
    events.iter().map(|event| event.version.get()).collect()
}
