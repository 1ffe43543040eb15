//! All parameters that steps and compensations can have, in any order, and all that they can return.

#![deny(warnings)]

use orchestrix::prelude::*;
use orchestrix::saga::{self, ByHand, Saga};

type Outcome<T> = std::result::Result<T, saga::StepError>;

struct NoCarrier;

impl From<NoCarrier> for StepError {
    fn from(_: NoCarrier) -> Self {
        StepError::retry("there is no carrier")
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Fulfilment {
    shipped: bool,
}

#[saga(name = "fulfil")]
impl Fulfilment {
    const CARRIER: &'static str = "by foot";

    #[step(compensate = release)]
    async fn reserve(&self) -> Outcome<Vec<u32>> {
        Ok(vec![1])
    }
    #[step(after(reserve), name = "fetch", compensate = forget)]
    async fn r#type(
        &mut self,
        SagaContext { .. }: &orchestrix::saga::SagaContext,
    ) -> Outcome<Self> {
        Ok(self.clone())
    }
    #[step(after(r#type), compensate = refund)]
    async fn charge(
        &self,
        reserve: &[u32],
        cx: &SagaContext,
        mut r#type: &Fulfilment,
    ) -> Outcome<u64> {
        for _ in reserve {
            r#type = self;
        }
        Ok(u64::from(cx.attempt()) + u64::from(r#type.shipped))
    }
    #[step(after(charge, r#type))]
    async fn ship(&mut self, reserve: &Vec<u32>) -> Result<(), NoCarrier> {
        self.shipped = self.parcels(reserve) > 0;
        if self.shipped { Ok(()) } else { Err(NoCarrier) }
    }
    #[step(after(ship))]
    async fn thank(&self, ship: &()) {
        *ship
    }
    #[compensation]
    async fn release(&self) {}
    #[compensation(retry(9, wait = "5s"), timeout = "2m", name = "forget_it")]
    async fn forget(
        &mut self,
        cx: &SagaContext,
        _: &Self,
        reserve: &Vec<u32>,
    ) -> Result<(), NoCarrier> {
        self.shipped = cx.attempt() > 1 && reserve.is_empty();
        Err(NoCarrier)
    }
    #[compensation]
    async fn refund(&self, reserve: &Vec<u32>, done: &u64) -> Outcome<()> {
        if reserve.len() as u64 == *done {
            Ok(())
        } else {
            Err(StepError::terminal(Self::CARRIER))
        }
    }
    fn parcels(&self, numbers: &[u32]) -> usize {
        numbers.len()
    }
}

fn main() {
    fn starts_by_hand<S: Saga<Start = ByHand>>() {}
    starts_by_hand::<Fulfilment>();
    let names: Vec<_> = Fulfilment::STEPS.iter().map(|step| step.name).collect();
    assert_eq!(names, ["reserve", "fetch", "charge", "ship", "thank"]);
    assert_eq!(Fulfilment::STEPS[2].after, ["fetch"]);
}
