use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga]
impl Order {
    #[step(compensate = release)]
    async fn reserve(&self) -> Result<u32, StepError> {
        Ok(1)
    }
    #[compensation(name = "reserve")]
    async fn release(&self) -> Result<(), StepError> {
        Ok(())
    }
}

fn main() {}
