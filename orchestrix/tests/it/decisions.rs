//! Decisions on all events that match a query.

mod aggregates;
mod conflicts;
mod faults;
mod queries;
mod streams;

use jiff::Timestamp;
use orchestrix::clock::Clock;
use orchestrix::prelude::*;
use orchestrix::store::{
    Append, EventData, EventQuery, EventStore as _, ExpectedVersion, GlobalPosition, ReadAll,
    RecordedEvent, StreamId, Tag,
};

/// What a test gives back: the first error ends it.
type Outcome = Result<(), Box<dyn std::error::Error>>;

#[derive(Event, Serialize, Deserialize, Clone)]
enum CourseEvent {
    CourseDefined {
        #[tag]
        course: String,
        capacity: u32,
    },
    SeatTaken {
        #[tag]
        course: String,
        #[tag]
        student: u32,
    },
}
use CourseEvent::{CourseDefined, SeatTaken};

#[derive(Default)]
struct Seats {
    capacity: u32,
    taken: u32,
}

impl DecisionModel for Seats {
    type Event = CourseEvent;

    fn apply(&mut self, event: &CourseEvent) {
        match event {
            CourseDefined { capacity, .. } => self.capacity = *capacity,
            SeatTaken { .. } => self.taken += 1,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{taken} seats are taken")]
struct FullyBooked {
    taken: u32,
}

fn course(id: &str) -> Tag {
    Tag::of("course", id).expect("a valid name")
}

fn about(id: &str) -> EventQuery {
    EventQuery::tagged([course(id)])
}

fn defined(id: &str, capacity: u32) -> CourseEvent {
    let course = id.to_owned();
    CourseDefined { course, capacity }
}

fn taken(id: &str, student: u32) -> CourseEvent {
    let course = id.to_owned();
    SeatTaken { course, student }
}

/// The rule: no seat beyond the capacity.
fn seat(seats: &Seats, id: &str, student: u32) -> Result<[CourseEvent; 1], FullyBooked> {
    match seats.taken < seats.capacity {
        true => Ok([taken(id, student)]),
        false => Err(FullyBooked { taken: seats.taken }),
    }
}

/// An event as somebody else appends it, tags included.
fn erased(event: &CourseEvent) -> EventData {
    let event_type = event.event_type();
    let payload = event.encode().expect("it can be written");
    EventData::new(event_type.name(), event_type.schema_version(), payload)
        .with_tags(event.tags().expect("its values give tags"))
}

/// Appends beside the app. The memory never waits, so that this also works inside of a decision.
fn append(store: &MemoryStore, tenant: &TenantId, events: Vec<EventData>) {
    use futures_util::FutureExt as _;
    let stream = StreamId::new("beside", "1").expect("a valid name");
    let stream = stream.with_tenant(tenant.clone());
    let append = Append::new(stream, ExpectedVersion::Any, events);
    let outcomes = store.append(vec![append]).now_or_never();
    let outcomes = outcomes.expect("the memory does not wait");
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
}

fn append_one(store: &MemoryStore, event: &CourseEvent) {
    append(store, &TenantId::default(), vec![erased(event)]);
}

async fn start(store: &MemoryStore) -> App {
    let builder = Orchestrix::builder().isolated().store(store.clone());
    builder.start().await.expect("nothing is registered")
}

async fn log(store: &MemoryStore) -> Vec<RecordedEvent> {
    let read = ReadAll::after(GlobalPosition::START);
    store.read_all(read).await.expect("memory").events
}

#[derive(Debug)]
struct Stopped(Timestamp);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        self.0
    }
}

#[tokio::test]
async fn a_decision_rests_on_the_matching_events_of_all_streams() -> Outcome {
    let store = MemoryStore::new();
    let app = start(&store).await;
    append_one(&store, &defined("c1", 2));
    append_one(&store, &defined("c2", 0));
    app.decide::<Seats>(about("c1"))
        .stream(StreamId::new("elsewhere", "1")?)
        .with(|seats, _| seat(seats, "c1", 7))
        .await?;
    let receipt = app
        .decide::<Seats>(about("c1"))
        .with(|seats, _| seat(seats, "c1", 8))
        .await?;
    assert_eq!((receipt.attempts, receipt.events.len()), (1, 1));
    let refusal = app
        .decide::<Seats>(about("c1"))
        .with(|seats, _| seat(seats, "c1", 9))
        .await
        .expect_err("both seats are taken");
    assert_eq!(refusal.rejection(), Some(&FullyBooked { taken: 2 }));
    assert_eq!(refusal.to_string(), "2 seats are taken");
    assert!(!refusal.is_transient() && !refusal.is_conflict());
    assert_eq!(log(&store).await.len(), 4);
    Ok(())
}

#[tokio::test]
async fn its_events_carry_tags_time_and_metadata() -> Outcome {
    let store = MemoryStore::new();
    let now: Timestamp = "2026-01-31T12:00:00Z".parse()?;
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let app = builder.clock(Stopped(now)).start().await?;
    let mut message_id = None;
    let receipt = app
        .decide::<Seats>(about("c1"))
        .actor("ada")
        .metadata("channel", "web")
        .with(|_, cx| {
            assert_eq!((cx.now(), cx.actor()), (now, Some("ada")));
            message_id = Some(cx.message_id());
            Ok::<_, FullyBooked>([defined("c1", 2), taken("c1", 7)])
        })
        .await?;
    let message_id = message_id.expect("it was decided");
    let events = log(&store).await;
    let ids: Vec<_> = events.iter().map(RecordedEvent::event_id).collect();
    let told: Vec<_> = receipt.events.iter().map(|event| event.event_id).collect();
    assert_eq!(ids, told);
    assert_eq!(
        Some(receipt.position),
        events.last().map(|event| event.position)
    );
    for event in &events {
        let metadata = &event.data.metadata;
        assert!(metadata.is_caused_by(message_id));
        assert_eq!(metadata.correlation_id, Some(message_id.into()));
        assert_eq!(metadata.actor.as_deref(), Some("ada"));
        assert_eq!(
            metadata.extra.get("channel").map(String::as_str),
            Some("web")
        );
        assert_eq!(event.data.occurred_at, now);
    }
    assert_eq!(events[0].data.tags(), [course("c1")]);
    assert_eq!(
        events[1].data.tags(),
        [course("c1"), Tag::new("student:7")?]
    );
    Ok(())
}

#[tokio::test]
async fn a_decision_without_events_appends_nothing() -> Outcome {
    let store = MemoryStore::new();
    let app = start(&store).await;
    append_one(&store, &defined("c1", 2));
    let receipt = app
        .decide::<Seats>(about("c1"))
        .with(|_, _| Ok::<_, FullyBooked>(None))
        .await?;
    assert_eq!((receipt.written, receipt.events), (None, Vec::new()));
    assert_eq!(receipt.position, store.head().await?);
    assert_eq!(log(&store).await.len(), 1);
    Ok(())
}
