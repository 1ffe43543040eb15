//! Decisions over several instances: on all events that match a query, instead of on one stream.
//!
//! What a rule is about rarely is one instance: that a course has seats left *and* that the student takes fewer than
//! five courses. Events therefore carry [tags](crate::store::Tag), written with `#[tag]`, and a decision says by an
//! [`EventQuery`] which of them it rests on. It is appended under the condition that no more of
//! these have come since they were read: see [`Append::unless`](crate::store::Append::unless), and
//! <https://dcb.events> for the technique.
//!
//! ```
//! use orchestrix::prelude::*;
//! use orchestrix::store::{EventQuery, Tag};
//!
//! #[derive(Event, Serialize, Deserialize)]
//! enum CourseEvent {
//!     CourseDefined { #[tag] course: String, capacity: u32 },
//!     SeatTaken { #[tag] course: String, #[tag] student: u32 },
//! }
//!
//! #[derive(Default)]
//! struct Seats { capacity: u32, taken: u32 }
//!
//! impl DecisionModel for Seats {
//!     type Event = CourseEvent;
//!     fn apply(&mut self, event: &CourseEvent) {
//!         match event {
//!             CourseEvent::CourseDefined { capacity, .. } => self.capacity = *capacity,
//!             CourseEvent::SeatTaken { .. } => self.taken += 1,
//!         }
//!     }
//! }
//!
//! #[derive(Debug, thiserror::Error)]
//! #[error("the course is fully booked")]
//! struct FullyBooked;
//!
//! async fn take_seat(app: &App, course: &str, student: u32) -> Result<(), Box<dyn std::error::Error>> {
//!     app.decide::<Seats>(EventQuery::tagged([Tag::of("course", course)?]))
//!         .with(|seats, _| match seats.taken < seats.capacity {
//!             true => Ok([CourseEvent::SeatTaken { course: course.to_owned(), student }]),
//!             false => Err(FullyBooked),
//!         })
//!         .await?;
//!     Ok(())
//! }
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let app = Orchestrix::builder().isolated().store(MemoryStore::new()).start().await?;
//! # let c1 = || EventQuery::tagged([Tag::new("course:c1").unwrap()]);
//! # let defined = || CourseEvent::CourseDefined { course: "c1".to_owned(), capacity: 1 };
//! # let receipt = app.decide::<Seats>(c1()).with(|_, _| Ok::<_, FullyBooked>([defined()])).await?;
//! # assert_eq!(receipt.written.unwrap().stream.name(), "course-c1");
//! # take_seat(&app, "c1", 7).await?;
//! # assert!(take_seat(&app, "c1", 8).await.is_err());
//! # Ok(app.shutdown().await?) }
//! ```

mod decide;
mod error;
mod fold;
mod keyed;
mod receipt;
mod run;
mod stream;

use crate::app::App;
use crate::message::Event;
use crate::store::EventQuery;

pub use decide::Decide;
pub use error::DecisionError;
pub use receipt::DecisionReceipt;

/// What a decision has to know of the events that it rests on.
///
/// It begins as the default. Two models of one set of events are a model, too: `(Seats, Enrolments)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a decision model",
    label = "not a decision model",
    note = "write `impl DecisionModel for {Self}` with its event type and `apply`; it must be `Default`"
)]
pub trait DecisionModel: Default + Send + Sync + 'static {
    /// The events that it is made of: an enum of them, or a struct.
    type Event: Event;

    /// Adds an event; they come in the order of the log. Pure.
    fn apply(&mut self, event: &Self::Event);
}

impl<A, B> DecisionModel for (A, B)
where
    A: DecisionModel,
    B: DecisionModel<Event = A::Event>,
{
    type Event = A::Event;

    fn apply(&mut self, event: &A::Event) {
        self.0.apply(event);
        self.1.apply(event);
    }
}

impl App {
    /// Decides on what a model knows of the events that match a query, and appends what comes of it under the condition
    /// that no more of them have come.
    ///
    /// Items of the query that name no event types are about those of the model's [`Event`](DecisionModel::Event).
    /// Where an item names types that the model does not know, these do not reach the model, but they count for the
    /// condition.
    ///
    /// Set more before you say [how to decide](Decide::with): stream, tenant, actor, correlation, time limit.
    pub fn decide<M: DecisionModel>(&self, query: EventQuery) -> Decide<M> {
        Decide::new(self.core.clone(), query)
    }
}
