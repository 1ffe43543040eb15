//! Commands at a time: by the app's clock, in their order, and what becomes of those that cannot be done. How stores keep
//! them, and what becomes of crashes, is shown by the workspace's tests.

mod away;
mod contexts;
mod failing;
mod refused;
mod times;

use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::schedule::{ScheduleError, ScheduleStatus};
use orchestrix::store::ScheduleId;
use orchestrix::testkit::VirtualClock;
use serde::Serializer;
use serde::ser::Error as _;

use super::stored::events;
use super::test_store::TestStore;
use super::waiting::LONG;

const MINUTE: Duration = Duration::from_secs(60);

#[derive(Event, Serialize, Deserialize, Debug, PartialEq)]
struct Noted {
    text: String,
}

#[derive(Command, Serialize, Deserialize)]
struct Note {
    #[id]
    book: String,
    text: String,
}

/// Serde does not know it.
#[derive(Command)]
struct Tear {
    #[id]
    book: String,
}

/// It cannot be written.
#[derive(Command, Deserialize)]
struct Secret {
    #[id]
    book: String,
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("it is secret"))
    }
}

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("the book is full")]
struct Full;

#[derive(Default)]
struct Book {
    notes: u32,
}

#[aggregate]
impl Book {
    #[handle]
    fn note(&self, cmd: Note) -> Result<Noted, Full> {
        match self.notes {
            3.. => Err(Full),
            _ => Ok(Noted { text: cmd.text }),
        }
    }

    #[handle]
    fn tear(&self, _: Tear) -> Noted {
        Noted {
            text: String::new(),
        }
    }

    #[handle]
    fn secret(&self, _: Secret) -> Noted {
        Noted {
            text: String::new(),
        }
    }

    #[apply]
    fn noted(&mut self, _: &Noted) {
        self.notes += 1;
    }
}

/// Notes something later, in two books.
#[derive(Command, Serialize, Deserialize)]
#[command(no_id)]
struct NoteLater {
    text: String,
}

struct Books;

#[module(aggregates(Book))]
impl Books {
    #[handle]
    async fn later(&self, cmd: NoteLater, cx: &ModuleContext) -> Result<(), ScheduleError> {
        for book in ["x", "y"] {
            cx.schedule(note(book, &cmd.text), MINUTE).await?;
        }
        Ok(())
    }
}

/// An event has something noted in a minute.
struct Echo;

#[module(aggregates(Book))]
impl Echo {
    #[on]
    async fn echo(&self, event: &Noted, cx: &EventContext) -> Result<(), ScheduleError> {
        if event.text != "echo" {
            let id = ScheduleId::new(cx.event_id().to_string());
            let id = id.expect("an id of a message is short");
            cx.schedule(note("echo", "echo"), MINUTE).id(id).await?;
        }
        Ok(())
    }
}

fn note(book: &str, text: &str) -> Note {
    Note {
        book: book.to_owned(),
        text: text.to_owned(),
    }
}

fn id(text: &str) -> ScheduleId {
    ScheduleId::new(text).expect("a valid id")
}

async fn start(store: &TestStore, clock: &VirtualClock, module: impl Module) -> App {
    let app = Orchestrix::builder().isolated().store(store.clone());
    let app = app.clock(clock.clone()).module(module).start().await;
    app.expect("the module is in order")
}

/// Waits until the app tells this of what it did.
async fn until(app: &App, what: &str, holds: impl Fn(&ScheduleStatus) -> bool) -> ScheduleStatus {
    let mut statuses = app.schedule_statuses();
    let told = tokio::time::timeout(LONG, statuses.wait_for(holds)).await;
    match told {
        Ok(Ok(status)) => status.clone(),
        other => panic!("still not: {what}: {other:?}"),
    }
}

async fn texts(store: &TestStore, book: &str) -> Vec<String> {
    let stored = events(store, &format!("book-{book}")).await;
    let text = |event: &orchestrix::store::RecordedEvent| -> Noted {
        event.data.payload.read().expect("a note")
    };
    stored.iter().map(|event| text(event).text).collect()
}
