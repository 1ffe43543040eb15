//! A saga of four steps, two of them at once, that fails where it is told to. Its waits are longer than a beat of the leases,
//! so that a process can end amid one.

use orchestrix::prelude::*;

use super::marks::{Mark, Marks, part_of};

#[derive(Event, Clone, Serialize, Deserialize)]
pub(super) struct TripBooked {
    pub(super) trip: String,
    /// The step that fails for good.
    pub(super) fails: Option<String>,
    /// The compensation that fails the first time it is called.
    pub(super) stumbles: Option<String>,
    /// The step that cannot answer the first time it is called.
    pub(super) is_busy: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Trip {
    booked: TripBooked,
    /// What the car found.
    paid: Option<u32>,
}

/// Leaves the mark of a part.
async fn mark(cx: &SagaContext, part: &str) -> Result<u32, StepError> {
    let mark = Mark::of(part_of(cx.key(), part));
    let receipt = cx.dispatch(mark).await?;
    u32::try_from(receipt.version.get()).map_err(StepError::terminal)
}

impl Trip {
    async fn step(&self, step: &str, cx: &SagaContext) -> Result<u32, StepError> {
        let is_at = |wanted: &Option<String>| wanted.as_deref() == Some(step);
        match (is_at(&self.booked.fails), is_at(&self.booked.is_busy)) {
            (true, false) => Err(StepError::terminal(format!("no {step} is left"))),
            (true, true) => Err(StepError::retry(format!("no {step} answers"))),
            (false, true) if cx.attempt() == 1 => {
                mark(cx, step).await?;
                Err(StepError::retry(format!("the {step} answers too late")))
            }
            (false, _) => mark(cx, step).await,
        }
    }

    /// One that stumbles has its effect before.
    async fn undo(&self, undo: &str, done: u32, cx: &SagaContext) -> Result<(), StepError> {
        assert_eq!(done, 1, "the result of the step that is undone");
        mark(cx, undo).await?;
        match self.booked.stumbles.as_deref() == Some(undo) && cx.attempt() == 1 {
            true => Err(StepError::retry("nobody answers")),
            false => Ok(()),
        }
    }
}

#[saga(key = trip)]
impl Trip {
    #[start]
    fn begin(event: &TripBooked) -> Self {
        Self {
            booked: event.clone(),
            paid: None,
        }
    }

    #[step(compensate = cancel_flight, retry(1, wait = "60ms"))]
    async fn flight(&self, cx: &SagaContext) -> Result<u32, StepError> {
        self.step("flight", cx).await
    }

    #[step(compensate = cancel_hotel, retry(1, wait = "60ms"))]
    async fn hotel(&self, cx: &SagaContext) -> Result<u32, StepError> {
        self.step("hotel", cx).await
    }

    #[step(after(flight, hotel), compensate = cancel_car, retry(1, wait = "60ms"))]
    async fn car(&mut self, flight: &u32, hotel: &u32, cx: &SagaContext) -> Result<u32, StepError> {
        self.paid = Some(flight + hotel);
        self.step("car", cx).await
    }

    #[step(after(car), compensate = refund, retry(1, wait = "60ms"))]
    async fn pay(&self, cx: &SagaContext) -> Result<u32, StepError> {
        assert_eq!(self.paid, Some(2), "the state that the step before left");
        self.step("pay", cx).await
    }

    #[compensation(retry(3, wait = "60ms"))]
    async fn cancel_flight(&self, done: &u32, cx: &SagaContext) -> Result<(), StepError> {
        self.undo("cancel_flight", *done, cx).await
    }

    #[compensation(retry(3, wait = "60ms"))]
    async fn cancel_hotel(&self, done: &u32, cx: &SagaContext) -> Result<(), StepError> {
        self.undo("cancel_hotel", *done, cx).await
    }

    #[compensation(retry(3, wait = "60ms"))]
    async fn cancel_car(&self, done: &u32, cx: &SagaContext) -> Result<(), StepError> {
        self.undo("cancel_car", *done, cx).await
    }

    #[compensation]
    async fn refund(&self, done: &u32, cx: &SagaContext) -> Result<(), StepError> {
        self.undo("refund", *done, cx).await
    }
}

#[module(aggregates(Marks), sagas(Trip))]
pub(super) struct Travel;
