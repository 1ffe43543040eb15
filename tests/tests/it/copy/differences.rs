//! Copies that are none, told by verification.

use std::sync::Arc;

use jiff::ToSpan as _;
use orchestrix::error::BoxError;
use orchestrix::message::MessageId;
use orchestrix::store::copy::{CopyLog, Difference, EventPart, LogDigest, VerifyError};
use orchestrix::store::{
    EventData, EventStore as _, GlobalPosition, MemoryStore, Payload, ReadAll, RecordedEvent,
    StreamVersion, Tag,
};

use super::log::{filled, stream};
use super::tampered::Tampered;

/// The event that is changed: one with JSON and tags, and another stream's behind it.
fn at(log: &[RecordedEvent]) -> usize {
    let found = log.windows(2).enumerate().skip(20).find(|(_, pair)| {
        !pair[0].data.payload.is_binary()
            && !pair[0].data.tags().is_empty()
            && pair[0].stream != pair[1].stream
    });
    found.expect("such an event").0
}

type Change = fn(Vec<RecordedEvent>) -> Vec<RecordedEvent>;

fn with(mut log: Vec<RecordedEvent>, change: impl FnOnce(&mut EventData)) -> Vec<RecordedEvent> {
    let at = at(&log);
    change(&mut log[at].data);
    log
}

/// Tags can only be given as a whole.
fn tagged(data: &EventData, tags: impl IntoIterator<Item = Tag>) -> EventData {
    data.clone().with_tags(tags)
}

fn tag(text: &str) -> Tag {
    Tag::new(text).expect("a valid tag")
}

const UNEQUAL: &[(&str, EventPart, Change)] = &[
    ("one byte of a payload", EventPart::Payload, |log| {
        with(log, |data| {
            let mut bytes = data.payload.as_bytes().to_vec();
            bytes[0] ^= 1;
            data.payload = match data.payload.is_binary() {
                true => Payload::binary(bytes),
                false => Payload::from_stored_text(String::from_utf8_lossy(&bytes).into_owned()),
            };
        })
    }),
    ("JSON as bytes", EventPart::Payload, |log| {
        with(log, |data| {
            data.payload = Payload::binary(data.payload.as_bytes().to_vec());
        })
    }),
    ("a tag less", EventPart::Tags, |log| {
        with(log, |data| {
            *data = tagged(data, data.tags()[1..].to_vec());
        })
    }),
    ("a tag more", EventPart::Tags, |log| {
        with(log, |data| {
            let more = data.tags().iter().cloned().chain([tag("one:more")]);
            *data = tagged(data, more.collect::<Vec<_>>());
        })
    }),
    ("a microsecond", EventPart::OccurredAt, |log| {
        with(log, |data| {
            let later = data.occurred_at.checked_add(1.microsecond());
            data.occurred_at = later.expect("not the end of time");
        })
    }),
    ("the event type", EventPart::EventType, |log| {
        with(log, |data| data.event_type = "Other".into())
    }),
    ("the schema version", EventPart::SchemaVersion, |log| {
        with(log, |data| data.schema_version += 1)
    }),
    ("an extra", EventPart::Metadata, |log| {
        with(log, |data| {
            data.metadata.extra.insert("new".into(), String::new());
        })
    }),
    ("the actor", EventPart::Metadata, |log| {
        with(log, |data| data.metadata.actor = Some(String::new()))
    }),
    ("the cause", EventPart::Metadata, |log| {
        with(log, |data| {
            data.metadata.causation_id = Some(MessageId::new().into());
        })
    }),
];

const OTHER: &[(&str, Change)] = &[
    ("one event is missing", |mut log| {
        log.remove(at(&log));
        log
    }),
    ("one event is too many", |mut log| {
        let more = EventData::new("More", 1, Payload::from_stored_text("1".into()));
        let at = at(&log);
        let mut event = log[at].clone();
        event.data = more;
        log.insert(at, event);
        log
    }),
    ("one event is there twice", |mut log| {
        let at = at(&log);
        // The second stands there.
        log.insert(at, log[at - 1].clone());
        log
    }),
    ("two streams are swapped", |mut log| {
        let at = at(&log);
        log.swap(at, at + 1);
        log
    }),
    ("the id is another", |log| {
        with(log, |data| data.event_id = MessageId::new())
    }),
    ("the tenant is another", |mut log| {
        let tenant = orchestrix::store::TenantId::new("third").expect("a valid name");
        let at = at(&log);
        log[at].stream = log[at].stream.clone().with_tenant(tenant);
        log
    }),
    ("the stream is another", |mut log| {
        let at = at(&log);
        log[at].stream = stream(100).expect("a valid name");
        log
    }),
    ("the version is another", |mut log| {
        let at = at(&log);
        log[at].version = StreamVersion::new(99);
        log
    }),
];

struct Copy {
    /// How many events are equal before the one that is changed.
    at: u64,
    from: Arc<MemoryStore>,
    to: Arc<MemoryStore>,
}

impl Copy {
    async fn made() -> Result<Self, BoxError> {
        let (from, _) = filled(60, 8).await?;
        let to = Arc::new(MemoryStore::new());
        CopyLog::new(from.clone(), to.clone()).run().await?;
        let log = from.read_all(ReadAll::after(GlobalPosition::START)).await?;
        let at = at(&log.events) as u64;
        Ok(Self { at, from, to })
    }

    /// The verdict on the copy, after it was changed.
    async fn verdict(&self, name: &str, change: Change) -> Result<(u64, Difference), BoxError> {
        let changed = Arc::new(Tampered::new(self.to.clone(), change));
        let sound = LogDigest::of(&*self.from).await?;
        assert_ne!(LogDigest::of(&*changed).await?, sound, "{name}");
        let copy = CopyLog::new(self.from.clone(), changed).page(10);
        match copy.verify().await {
            Err(VerifyError::Different { equal, difference }) => Ok((equal, *difference)),
            other => Err(format!("{name}: {other:?}").into()),
        }
    }
}

#[tokio::test]
async fn every_part_of_an_event_is_compared() -> Result<(), BoxError> {
    let copy = Copy::made().await?;
    for (name, expected, change) in UNEQUAL {
        let (equal, difference) = copy.verdict(name, *change).await?;
        assert_eq!(equal, copy.at, "{name}");
        let Difference::Unequal {
            source,
            target,
            part,
        } = &difference
        else {
            panic!("{name}: {difference}");
        };
        assert_eq!(part, expected, "{name}");
        assert_eq!((source.position.get(), source), (copy.at + 1, target));
        let text = difference.to_string();
        assert!(
            text.contains(&format!("another {part} in the copy")),
            "{text}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn missing_added_and_swapped_events_are_told() -> Result<(), BoxError> {
    let copy = Copy::made().await?;
    for (name, change) in OTHER {
        let (equal, difference) = copy.verdict(name, *change).await?;
        assert_eq!(equal, copy.at, "{name}");
        let Difference::OtherEvent { source, target } = &difference else {
            panic!("{name}: {difference}");
        };
        assert_ne!(source, target, "{name}");
        assert_eq!(source.position, target.position, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn an_end_that_comes_too_early_or_too_late_is_told() -> Result<(), BoxError> {
    let copy = Copy::made().await?;
    let events = LogDigest::of(&*copy.from).await?.events;
    let cut: Change = |mut log| {
        log.pop();
        log
    };
    let (equal, difference) = copy.verdict("the last one is missing", cut).await?;
    assert_eq!(equal, events - 1);
    assert!(
        matches!(difference, Difference::Missing { .. }),
        "{difference}"
    );
    let more: Change = |mut log| {
        log.extend(log.last().cloned());
        log
    };
    let (equal, difference) = copy.verdict("one more", more).await?;
    assert_eq!(equal, events);
    assert!(
        matches!(difference, Difference::Extra { .. }),
        "{difference}"
    );
    let empty: Change = |_| Vec::new();
    let (equal, _) = copy.verdict("nothing", empty).await?;
    assert_eq!(equal, 0);
    Ok(())
}
