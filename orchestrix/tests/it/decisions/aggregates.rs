//! Events of aggregates have tags, too, and decisions find them by these.

use orchestrix::prelude::*;
use orchestrix::store::{EventQuery, Tag};

use super::{FullyBooked, Outcome, log};

#[derive(Event, Serialize, Deserialize)]
struct RoomBooked {
    #[tag(name = "guest")]
    guests: Vec<u32>,
}

#[derive(Command)]
struct BookRoom {
    #[id]
    room: u32,
    guests: Vec<u32>,
}

#[derive(Default)]
struct Room;

#[aggregate]
impl Room {
    #[handle]
    fn book(&self, cmd: BookRoom) -> RoomBooked {
        RoomBooked { guests: cmd.guests }
    }

    #[apply]
    fn booked(&mut self, _: &RoomBooked) {}
}

#[module(aggregates(Room))]
struct Hotel;

/// How many rooms a guest has.
#[derive(Default)]
struct Rooms(u32);

impl DecisionModel for Rooms {
    type Event = RoomEvent;

    fn apply(&mut self, event: &RoomEvent) {
        let RoomEvent::RoomBooked(_) = event;
        self.0 += 1;
    }
}

#[tokio::test]
async fn what_commands_led_to_is_decided_on() -> Outcome {
    let store = MemoryStore::new();
    let builder = Orchestrix::builder().isolated().store(store.clone());
    let app = builder.module(Hotel).start().await?;
    for (room, guests) in [(1, vec![7, 8]), (2, vec![8]), (3, vec![])] {
        app.dispatch(BookRoom { room, guests }).await?;
    }
    let tags: Vec<_> = log(&store)
        .await
        .iter()
        .map(|event| event.data.tags().len())
        .collect();
    assert_eq!(tags, [2, 1, 0]);
    let mut rooms = 0;
    app.decide::<Rooms>(EventQuery::tagged([Tag::of("guest", &8_u32)?]))
        .with(|known, _| {
            rooms = known.0;
            Ok::<_, FullyBooked>(None)
        })
        .await?;
    assert_eq!(rooms, 2);
    Ok(())
}
