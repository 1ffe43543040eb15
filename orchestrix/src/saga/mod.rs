//! Sagas: work of several steps that ends in exactly one outcome, whatever crashes.

mod changed;
mod context;
mod driver;
mod erased;
mod error;
mod event;
mod graph;
mod history;
mod instance;
mod instances;
mod look;
mod reactions;
mod record;
mod sagas;
mod sagas_error;
mod status;
mod steps;
mod subscriber;
mod tally;
mod told;
mod trouble;

use std::future::Future;
use std::pin::Pin;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message::{DecodeError, Event, EventType};
use crate::store::{EventData, Payload};

pub use changed::{ChangedInstance, ChangedSaga, ChangedSagas, StepChange};
pub use context::SagaContext;
pub(crate) use erased::{Erased, ErasedSaga, SagaInfo, history_types, records, subscription};
pub use error::{GraphError, StepError};
pub use event::{SAGA_CATEGORY, SagaOutcome};
pub use graph::{Compensation, Graph, Step, StepRetry, StepShape};
pub(crate) use look::{LookedAt, changed};
pub(crate) use reactions::{ErasedReacting, TIMER, fire};
pub use reactions::{Reacting, ReactingSagas, Reactions, Rejection};
pub use record::{SagaHistoryEvent, SagaRecord};
pub use sagas::Sagas;
pub use sagas_error::SagaError;
pub use status::SagaStatus;
pub use told::{SagaChange, SagaEntry, SagaHistory};

/// What running a step gives: its result, as it is kept.
pub type StepFuture<'a> = Pin<Box<dyn Future<Output = Result<Payload, StepError>> + Send + 'a>>;

/// What compensating a step gives.
pub type CompensationFuture<'a> = Pin<Box<dyn Future<Output = Result<(), StepError>> + Send + 'a>>;

/// Work of several steps, each of which is undone should a later one fail.
///
/// `#[saga]` on an impl block writes this, from `#[start]`, `#[step]` and `#[compensation]` methods. The value is the saga's
/// state: what it began with, and what steps that take `&mut self` made of it. By hand it is:
///
/// ```
/// use orchestrix::prelude::*;
/// use orchestrix::saga::{ByHand, CompensationFuture, Saga, SagaContext, Step, StepError, StepFuture};
/// use orchestrix::store::Payload;
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Greeting { name: String }
///
/// impl Saga for Greeting {
///     const NAME: &'static str = "greeting";
///     const STEPS: &'static [Step] = &[
///         Step::new("write"),
///         Step { after: &["write"], ..Step::new("send") },
///     ];
///     type Start = ByHand;
///     fn key(event: &ByHand) -> String { match *event {} }
///     fn begin(event: &ByHand) -> Self { match *event {} }
///     fn run<'a>(&'a mut self, step: usize, cx: &'a SagaContext) -> StepFuture<'a> {
///         Box::pin(async move {
///             let text = match step {
///                 0 => format!("Dear {}", self.name),
///                 _ => cx.result::<String>("write")? + "!",
///             };
///             Payload::of(&text).map_err(StepError::terminal)
///         })
///     }
///     fn compensate<'a>(&'a mut self, _: usize, _: &'a SagaContext) -> CompensationFuture<'a> {
///         Box::pin(async { Ok(()) })
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a saga",
    label = "not a saga",
    note = "put `#[saga(key = ..)]` on an `impl {Self}` block with `#[start]` and `#[step]` methods; \
            `{Self}` must be `Clone + Serialize + Deserialize`"
)]
pub trait Saga: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its durable name, unique in an app; holds no hyphen.
    const NAME: &'static str;

    /// Its steps. They must be a [`Graph`]; what is not is a problem at the start of the app.
    const STEPS: &'static [Step];

    /// All events that start it; [`ByHand`] if none does.
    type Start: Event;

    /// The key of the instance that an event starts: unique among those of its tenant. Another event with the key of an
    /// instance that is there starts nothing.
    fn key(event: &Self::Start) -> String;

    /// The state that an event starts with. Pure.
    fn begin(event: &Self::Start) -> Self;

    /// Runs the step at this place of [`STEPS`](Self::STEPS), with the results of those before it in the context. May be
    /// called again after a crash, or when it is tried again: commands it dispatches through the context have their
    /// effect once, and [`SagaContext::idempotency_key`] is for whoever else is called.
    fn run<'a>(&'a mut self, step: usize, cx: &'a SagaContext) -> StepFuture<'a>;

    /// Undoes the step at this place, whose result is in the context. May be called again like [`run`](Self::run).
    fn compensate<'a>(&'a mut self, step: usize, cx: &'a SagaContext) -> CompensationFuture<'a>;
}

/// The event of sagas that no event starts: there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByHand {}

impl Event for ByHand {
    fn types() -> Vec<&'static EventType> {
        Vec::new()
    }

    fn event_type(&self) -> &'static EventType {
        match *self {}
    }

    fn encode(&self) -> Result<Payload, serde_json::Error> {
        match *self {}
    }

    fn decode(_: &EventData) -> Option<Result<Self, DecodeError>> {
        None
    }
}
