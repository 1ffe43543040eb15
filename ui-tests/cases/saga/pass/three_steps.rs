//! Three steps with compensations; short enough to be read at once.

#![deny(warnings)]

use orchestrix::prelude::*;
use orchestrix::saga::Saga;

#[derive(Event, Serialize, Deserialize)]
struct OrderPlaced {
    order: u32,
    pence: i64,
}

#[derive(Clone, Serialize, Deserialize)]
struct Fulfilment {
    pence: i64,
}

#[saga(key = order)]
impl Fulfilment {
    #[start]
    fn begin(event: &OrderPlaced) -> Self {
        Self { pence: event.pence }
    }
    #[step(compensate = release)]
    async fn reserve(&self, cx: &SagaContext) -> Result<String, StepError> {
        Ok(format!("reservation of {}", cx.key()))
    }
    #[step(after(reserve), compensate = refund, retry(3), timeout = "30s")]
    async fn charge(&self, reserve: &str) -> Result<i64, StepError> {
        println!("charging for {reserve}");
        Ok(self.pence)
    }
    #[step(after(charge), retry(5, wait = "1s"))]
    async fn ship(&self, reserve: &str) -> Result<(), StepError> {
        println!("shipping {reserve}");
        Ok(())
    }
    #[compensation]
    async fn release(&self, reserve: &str) -> Result<(), StepError> {
        println!("releasing {reserve}");
        Ok(())
    }
    #[compensation]
    async fn refund(&self, charge: &i64, reserve: &str) -> Result<(), StepError> {
        println!("refunding {charge} for {reserve}");
        Ok(())
    }
}

fn main() {
    assert_eq!(Fulfilment::STEPS.len(), 3);
}
