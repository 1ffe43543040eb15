//! A saga written by hand: flight and hotel at once, then the car, then the payment. Each part counts up a counter of its own,
//! and does what its script says.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard};
use std::time::Duration;

use orchestrix::prelude::*;
use orchestrix::saga::{
    Compensation, CompensationFuture, Saga, SagaContext, Step, StepError, StepFuture, StepRetry,
};
use orchestrix::store::Payload;

use crate::app::counter::Count;

#[derive(Event, Serialize, Deserialize)]
pub(super) struct TripBooked {
    pub(super) trip: String,
    pub(super) seats: u32,
}

#[derive(Command)]
pub(super) struct Book {
    #[id]
    pub(super) trip: String,
    pub(super) seats: u32,
}

#[derive(Default)]
pub(super) struct Desk;

#[aggregate]
impl Desk {
    #[handle]
    fn book(&self, cmd: Book) -> TripBooked {
        TripBooked {
            trip: cmd.trip,
            seats: cmd.seats,
        }
    }

    #[apply]
    fn booked(&mut self, _: &TripBooked) {}
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Trip {
    pub(super) seats: u32,
    pub(super) price: Option<u32>,
}

/// What a part does when it is called.
#[derive(Debug, Clone, Copy)]
pub(super) enum Does {
    FailsForNow,
    FailsForGood,
    Panics,
    Hangs,
}

#[derive(Default)]
struct Scripts {
    by_part: HashMap<String, Vec<Does>>,
    called: Vec<String>,
}

static SCRIPTS: LazyLock<Mutex<Scripts>> = LazyLock::new(Mutex::default);

fn scripts() -> MutexGuard<'static, Scripts> {
    SCRIPTS.lock().unwrap()
}

/// Has the first calls of a part of a trip do this, one after the other; those that follow go well.
pub(super) fn script(trip: &str, part: &str, does: &[Does]) {
    let mut does = does.to_vec();
    does.reverse();
    scripts().by_part.insert(format!("{trip}.{part}"), does);
}

/// The parts of a trip that were called, in order.
pub(super) fn called(trip: &str) -> Vec<String> {
    let prefix = format!("{trip}.");
    let all = scripts();
    let of_trip = all
        .called
        .iter()
        .filter_map(|call| call.strip_prefix(&prefix));
    of_trip.map(str::to_owned).collect()
}

/// The effect of a part: it counts, and does what the script says, afterwards.
async fn does(cx: &SagaContext, part: &str, by: u32) -> Result<u64, StepError> {
    let name = format!("{}.{part}", cx.key());
    let next = {
        let mut scripts = scripts();
        scripts.called.push(name.clone());
        scripts.by_part.get_mut(&name).and_then(Vec::pop)
    };
    if let Some(Does::FailsForGood) = next {
        return Err(StepError::terminal("there is none left"));
    }
    let receipt = cx.dispatch(Count { counter: name, by }).await?;
    match next {
        Some(Does::FailsForNow) => Err(StepError::retry("nobody answers")),
        Some(Does::Panics) => panic!("a bug"),
        Some(Does::Hangs) => std::future::pending().await,
        _ => Ok(receipt.version.get()),
    }
}

pub(super) const LIMIT: Duration = Duration::from_secs(5);

const fn step(name: &'static str, after: &'static [&'static str], undo: &'static str) -> Step {
    Step {
        after,
        compensation: Some(Compensation {
            retry: StepRetry::times(1),
            ..Compensation::new(undo)
        }),
        retry: StepRetry::times(2),
        timeout: LIMIT,
        ..Step::new(name)
    }
}

impl Saga for Trip {
    const NAME: &'static str = "trip";
    const STEPS: &'static [Step] = &[
        step("flight", &[], "cancel_flight"),
        step("hotel", &[], "cancel_hotel"),
        Step {
            changes_state: true,
            ..step("car", &["flight", "hotel"], "cancel_car")
        },
        Step {
            compensation: None,
            ..step("pay", &["car"], "")
        },
    ];
    type Start = TripBooked;

    fn key(event: &TripBooked) -> String {
        event.trip.clone()
    }

    fn begin(event: &TripBooked) -> Self {
        Self {
            seats: event.seats,
            price: None,
        }
    }

    fn run<'a>(&'a mut self, step: usize, cx: &'a SagaContext) -> StepFuture<'a> {
        Box::pin(async move {
            let part = Self::STEPS[step].name;
            let version = does(cx, part, self.seats).await?;
            match part {
                "car" => {
                    // Typed results of the steps before.
                    let flight: u64 = cx.result("flight")?;
                    let hotel: u64 = cx.result("hotel")?;
                    self.price = Some((flight + hotel) as u32 * 100);
                }
                "pay" => assert_eq!(self.price, Some(200), "the state of the step before"),
                _ => {}
            }
            Payload::of(&version).map_err(StepError::terminal)
        })
    }

    fn compensate<'a>(&'a mut self, step: usize, cx: &'a SagaContext) -> CompensationFuture<'a> {
        Box::pin(async move {
            let done: u64 = cx.result(Self::STEPS[step].name)?;
            assert_eq!(done, 1, "the result of the step");
            let undo = Self::STEPS[step].compensation.map_or("", |undo| undo.name);
            does(cx, undo, self.seats).await.map(drop)
        })
    }
}
