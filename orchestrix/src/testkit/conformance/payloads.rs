//! What an event carries comes back as it was given.

use std::str::FromStr as _;

use jiff::Timestamp;
use uuid::Uuid;

use super::opened::Opened;
use super::samples::{HOSTILE_TEXTS, event, event_of_type, event_with, ids, ids_of, some, stream};
use super::subject::StoreUnderTest;
use super::violation::{Violation, ensure, ensure_eq, present};
use crate::message::{MessageId, Metadata, SpanId, TraceContext, TraceFlags, TraceId, TraceState};
use crate::store::{Append, EventData, ExpectedVersion, Payload, RecordedEvent};

/// JSON text that databases with a JSON type of their own change or refuse.
const HOSTILE_PAYLOADS: &[&str] = &[
    "null",
    "true",
    "0",
    "-0",
    "-0.0",
    "1.0",
    "1.10",
    "1e400",
    "-1E+400",
    "123456789012345678901234567890.123456789012345678901234567890",
    "\"\"",
    "\"\\u0000\"",
    "\"a\\u0000b\"",
    "\"\\ud83e\\udd80\"",
    "\"\\ud800\"",
    "\"🦀\u{10ffff}\u{fffd}\u{feff}\"",
    "\"'; drop table events; --\"",
    "\"\\\\\\\"\\/\\b\\f\\n\\r\\t\"",
    "[]",
    "{}",
    "{ \"b\" : 1 ,\n\t\"a\":2 }",
    " {\"leading\":1}\r\n",
    "{\"a\":1,\"a\":2,\"A\":3}",
    "{\"\":{\"\":[]}}",
    "{\"z\":1,\"aa\":2,\"m\":3}",
];

/// As long as a text may be whose JSON, with its quotes, has a megabyte.
const LARGE: usize = (1 << 20) - 2;

/// JSON text comes back to the byte: numbers beyond `f64`, key order, duplicate keys, escapes and blanks.
pub async fn payloads_come_back_to_the_byte(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let deep = format!("{}{}", "[".repeat(64), "]".repeat(64));
    let mut events = Vec::new();
    for text in HOSTILE_PAYLOADS.iter().copied().chain([deep.as_str()]) {
        events.push(event_with(Payload::from_json_text(text)?)?);
    }
    for text in HOSTILE_TEXTS {
        events.push(event_with(Payload::of(text)?)?);
    }
    come_back(subject, events).await.map(drop)
}

/// A payload of a megabyte is no special case.
pub async fn a_payload_of_a_megabyte_comes_back(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    // Not all of one character, which a store might compress to nothing.
    let text: String = ('!'..='~')
        .filter(|c| !"\"\\".contains(*c))
        .cycle()
        .take(LARGE)
        .collect();
    let large = event_with(Payload::of(&text)?)?;
    let stored = come_back(subject, vec![event()?, large, event()?]).await?;
    let read: String = stored[1].data.payload.read()?;
    ensure_eq("the number of bytes", read.len(), LARGE)
}

/// All fields of the metadata come back.
pub async fn metadata_comes_back(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let (first, cause) = (MessageId::new(), MessageId::new());
    let trace = TraceContext::new(
        TraceId::from_str("4bf92f3577b34da6a3ce929d0e0e4736")?,
        SpanId::from_str("00f067aa0ba902b7")?,
        TraceFlags::default(),
    );
    let state = TraceState::parse("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")?;
    let full = Metadata {
        actor: Some("user:7".into()),
        trace: Some(trace.clone().with_state(state)),
        ..Metadata::begin(first)
            .caused_by(cause)
            .with("channel", "web")
            .with("empty", "")
    };
    let traced = Metadata {
        trace: Some(trace),
        ..Metadata::default()
    };
    let acted = Metadata {
        actor: Some(String::new()),
        ..Metadata::default()
    };
    let all = [
        Metadata::default(),
        Metadata::begin(first),
        full,
        traced,
        acted,
    ];
    let events: Result<Vec<_>, Violation> = all
        .into_iter()
        .map(|metadata| Ok(event()?.with_metadata(metadata)))
        .collect();
    come_back(subject, events?).await.map(drop)
}

/// Actors and extras of any text come back, names and values, control characters included.
pub async fn hostile_metadata_comes_back(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let control = ["\0", "a\0b", "\n\r\t", "\u{1b}[2J", "\u{7f}\u{85}"];
    let texts = || HOSTILE_TEXTS.iter().copied().chain(control).chain([""]);
    let mut events = Vec::new();
    let mut everything = Metadata::default();
    for (n, text) in texts().enumerate() {
        let mut metadata = Metadata::default().with(text, "name").with("value", text);
        metadata.actor = Some(text.into());
        events.push(event()?.with_metadata(metadata));
        everything = everything.with(text, n.to_string());
    }
    events.push(event()?.with_metadata(everything));
    come_back(subject, events).await.map(drop)
}

/// Times are kept to the microsecond, rounded down, from the first year to the last.
pub async fn times_are_kept_in_microseconds(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    // What is written, and the microsecond it is in.
    let times = [
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("1970-01-01T00:00:00.000000999Z", "1970-01-01T00:00:00Z"),
        (
            "1969-12-31T23:59:59.999999999Z",
            "1969-12-31T23:59:59.999999Z",
        ),
        ("2010-12-01T08:26:00.123456Z", "2010-12-01T08:26:00.123456Z"),
        (
            "2010-12-01T08:26:00.123456789Z",
            "2010-12-01T08:26:00.123456Z",
        ),
        (
            "2016-12-31T23:59:59.999999999Z",
            "2016-12-31T23:59:59.999999Z",
        ),
        ("2200-02-28T23:59:59.000001Z", "2200-02-28T23:59:59.000001Z"),
        ("0001-01-01T00:00:00.000001Z", "0001-01-01T00:00:00.000001Z"),
        (
            "9999-12-30T21:59:59.999999999Z",
            "9999-12-30T21:59:59.999999Z",
        ),
    ];
    let (mut events, mut expected) = (Vec::new(), Vec::new());
    for (written, kept) in times {
        events.push(event()?.with_occurred_at(written.parse()?));
        expected.push(kept.parse::<Timestamp>()?);
    }
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    store
        .append(Append::new(
            stream.clone(),
            ExpectedVersion::NoStream,
            events,
        ))
        .await?;
    for events in [store.stream(&stream).await?, store.log().await?] {
        let times: Vec<_> = events.iter().map(|event| event.data.occurred_at).collect();
        ensure_eq("the times", times, expected.clone())?;
    }
    Ok(())
}

/// Schema versions of 32 bits come back.
pub async fn schema_versions_come_back(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let mut events = Vec::new();
    for schema_version in [1, 2, 40_000, i32::MAX as u32, u32::MAX] {
        let mut event = event()?;
        event.schema_version = schema_version;
        events.push(event);
    }
    come_back(subject, events).await.map(drop)
}

/// An id is any UUID.
pub async fn ids_of_every_kind_come_back(subject: &dyn StoreUnderTest) -> Result<(), Violation> {
    let ids = [
        Uuid::nil(),
        Uuid::max(),
        Uuid::now_v7(),
        Uuid::from_str("67e55044-10b1-426f-9247-bb680e5fe0c8")?,
        Uuid::from_u128(1),
    ];
    let events: Result<Vec<_>, Violation> = ids
        .into_iter()
        .map(|id| Ok(event()?.with_id(MessageId::from_uuid(id))))
        .collect();
    come_back(subject, events?).await.map(drop)
}

/// An event that the store cannot keep is refused, or kept, without harm to the other appends of its call.
pub async fn an_event_that_cannot_be_stored_harms_no_neighbour(
    subject: &dyn StoreUnderTest,
) -> Result<(), Violation> {
    let store = Opened::open(subject).await?;
    let good = [some(&stream("1")?, 2)?, some(&stream("2")?, 1)?];
    let doubtful = Append::new(
        stream("3")?,
        ExpectedVersion::Any,
        vec![event_of_type("a\0b")?],
    );
    let appends = vec![good[0].clone(), doubtful.clone(), good[1].clone()];
    let outcomes = store.events.append(appends).await;
    let acknowledged: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    ensure_eq("the number of outcomes", acknowledged.len(), 3)?;
    let neighbours = acknowledged[0] && acknowledged[2];
    ensure(
        neighbours,
        "the first and the third append to be acknowledged",
        &outcomes,
    )?;
    let mut expected = ids_of(&good[0]);
    if acknowledged[1] {
        expected.extend(ids_of(&doubtful));
    }
    expected.extend(ids_of(&good[1]));
    ensure_eq("the log's events", ids(&store.log().await?), expected)
}

/// Writes events and checks that stream and log give them back as they are.
pub(super) async fn come_back(
    subject: &dyn StoreUnderTest,
    events: Vec<EventData>,
) -> Result<Vec<RecordedEvent>, Violation> {
    let store = Opened::open(subject).await?;
    let stream = stream("1")?;
    let append = Append::new(stream.clone(), ExpectedVersion::NoStream, events.clone());
    store.append(append).await?;
    let of_stream = store.stream(&stream).await?;
    for stored in [&of_stream, &store.log().await?] {
        ensure_eq("the number of events", stored.len(), events.len())?;
        for (stored, given) in stored.iter().zip(&events) {
            // The text first: a payload does not show itself in an event's debug output.
            ensure_eq(
                "the payload",
                stored.data.payload.as_json(),
                given.payload.as_json(),
            )?;
            ensure_eq("the event", &stored.data, given)?;
        }
    }
    present(of_stream.first(), "a first event")?;
    Ok(of_stream)
}
