use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga]
impl Order {
    #[step(name = "reserve-stock", compensate = release)]
    async fn reserve(&self) -> Result<u32, StepError> {
        Ok(1)
    }
    #[compensation(name = "a/b")]
    async fn release(&self) -> Result<(), StepError> {
        Ok(())
    }
}

fn main() {}
