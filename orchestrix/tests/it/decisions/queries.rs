//! Which events reach the model, and how.

use orchestrix::message::DecodeError;
use orchestrix::prelude::*;
use orchestrix::store::{EventData, EventQuery, Payload, QueryItem, Tag};
use serde_json::{Value, json};

use super::{
    FullyBooked, Outcome, Seats, about, append, append_one, course, defined, erased, start, taken,
};

/// What a model knew when it was asked.
async fn known<M: DecisionModel, T>(
    app: &App,
    query: EventQuery,
    mut ask: impl FnMut(&M) -> T,
) -> Result<T, DecisionError<FullyBooked>> {
    let mut answer = None;
    app.decide::<M>(query)
        .with(|model, _| {
            answer = Some(ask(model));
            Ok(None)
        })
        .await?;
    Ok(answer.expect("it was decided"))
}

#[tokio::test]
async fn a_query_without_items_is_about_every_event_of_the_model() -> Outcome {
    let store = MemoryStore::new();
    let app = start(&store).await;
    append_one(&store, &taken("c1", 1));
    append_one(&store, &taken("c2", 2));
    let mut unknown = erased(&taken("c1", 1));
    unknown.event_type = "Unknown".into();
    append(&store, &TenantId::default(), vec![unknown]);
    let seats = known(&app, EventQuery::all(), |seats: &Seats| seats.taken).await?;
    assert_eq!(seats, 2);
    Ok(())
}

#[tokio::test]
async fn events_of_any_item_reach_the_model_once_and_in_order() -> Outcome {
    #[derive(Default)]
    struct Order(Vec<String>);
    impl DecisionModel for Order {
        type Event = super::CourseEvent;
        fn apply(&mut self, event: &super::CourseEvent) {
            let tags = event.tags().expect("its values give tags");
            self.0
                .push(tags.iter().map(Tag::as_str).collect::<Vec<_>>().join(" "));
        }
    }
    let store = MemoryStore::new();
    let app = start(&store).await;
    for event in [
        taken("c1", 1),
        taken("c2", 1),
        taken("c2", 2),
        defined("c1", 3),
    ] {
        append_one(&store, &event);
    }
    let student = QueryItem::tagged([Tag::new("student:1")?]);
    let only_seats = QueryItem::tagged([course("c1")]).event_types(["SeatTaken"]);
    let query = EventQuery::of(only_seats).or(student);
    let order = known(&app, query, |order: &Order| order.0.clone()).await?;
    assert_eq!(order, ["course:c1 student:1", "course:c2 student:1"]);
    Ok(())
}

#[tokio::test]
async fn a_tenant_decides_on_its_own_events() -> Outcome {
    let store = MemoryStore::new();
    let app = start(&store).await;
    let acme = TenantId::new("acme")?;
    append(&store, &acme, vec![erased(&taken("c1", 1))]);
    append_one(&store, &taken("c1", 2));
    append_one(&store, &taken("c1", 3));
    let count = async |tenant: TenantId| {
        let mut count = 0;
        let decide = app.decide::<Seats>(about("c1")).tenant(tenant);
        let outcome = decide.with(|seats, _| {
            count = seats.taken;
            Ok::<_, FullyBooked>(None)
        });
        outcome.await.map(|_| count)
    };
    assert_eq!(count(acme).await?, 1);
    assert_eq!(count(TenantId::default()).await?, 2);
    assert_eq!(count(TenantId::new("other")?).await?, 0);
    Ok(())
}

#[tokio::test]
async fn more_events_than_a_page_holds_are_folded() -> Outcome {
    let store = MemoryStore::new();
    let app = start(&store).await;
    for _ in 0..5 {
        let events = (0..500).map(|student| erased(&taken("c1", student)));
        append(&store, &TenantId::default(), events.collect());
    }
    let seats = known(&app, about("c1"), |seats: &Seats| seats.taken).await?;
    assert_eq!(seats, 2_500);
    Ok(())
}

#[tokio::test]
async fn two_models_are_a_model() -> Outcome {
    #[derive(Default)]
    struct Students(Vec<u32>);
    impl DecisionModel for Students {
        type Event = super::CourseEvent;
        fn apply(&mut self, event: &super::CourseEvent) {
            if let super::SeatTaken { student, .. } = event {
                self.0.push(*student);
            }
        }
    }
    let store = MemoryStore::new();
    let app = start(&store).await;
    append_one(&store, &defined("c1", 5));
    append_one(&store, &taken("c1", 7));
    let both = known(
        &app,
        about("c1"),
        |(seats, students): &(Seats, Students)| (seats.capacity, seats.taken, students.0.clone()),
    );
    assert_eq!(both.await?, (5, 1, vec![7]));
    Ok(())
}

#[derive(Event, Serialize, Deserialize)]
enum Booking {
    #[event(schema_version = 2, upcast(one_guest))]
    Booked {
        #[tag]
        room: String,
        guests: u32,
    },
}

fn one_guest(mut old: Value) -> Value {
    old["guests"] = json!(1);
    old
}

#[derive(Default)]
struct Guests(u32);

impl DecisionModel for Guests {
    type Event = Booking;

    fn apply(&mut self, event: &Booking) {
        let Booking::Booked { guests, .. } = event;
        self.0 += guests;
    }
}

fn booked(schema_version: u32, payload: &Value) -> EventData {
    let payload = Payload::of(payload).expect("it can be written");
    let room = Tag::new("room:1").expect("a valid name");
    EventData::new("Booked", schema_version, payload).with_tags([room])
}

#[tokio::test]
async fn older_events_come_through_their_upcasters() -> Outcome {
    let store = MemoryStore::new();
    let app = start(&store).await;
    let events = vec![
        booked(1, &json!({ "room": "1" })),
        booked(2, &json!({ "room": "1", "guests": 3 })),
    ];
    append(&store, &TenantId::default(), events);
    let room = EventQuery::tagged([Tag::new("room:1")?]);
    assert_eq!(known(&app, room, |guests: &Guests| guests.0).await?, 4);
    Ok(())
}

#[tokio::test]
async fn an_event_that_cannot_be_read_ends_the_decision() -> Outcome {
    let store = MemoryStore::new();
    let app = start(&store).await;
    let broken = booked(2, &json!({ "room": "1", "guests": "many" }));
    append(&store, &TenantId::default(), vec![broken]);
    let error = known(&app, EventQuery::all(), |guests: &Guests| guests.0)
        .await
        .expect_err("many is no number");
    match error {
        DecisionError::Decode {
            stream,
            position,
            source,
        } => {
            assert_eq!((stream.name(), position.get()), ("beside-1", 1));
            assert!(matches!(
                *source,
                DecodeError::Shape {
                    event_type: "Booked",
                    ..
                }
            ));
        }
        other => panic!("{other:?}"),
    }
    Ok(())
}
