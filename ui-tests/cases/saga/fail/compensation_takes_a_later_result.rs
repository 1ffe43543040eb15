use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga]
impl Order {
    #[step(compensate = release)]
    async fn reserve(&self) -> Result<u32, StepError> {
        Ok(1)
    }
    #[step(after(reserve))]
    async fn charge(&self) -> Result<u32, StepError> {
        Ok(1)
    }
    #[compensation]
    async fn release(&self, charge: &u32) -> Result<(), StepError> {
        let _ = charge;
        Ok(())
    }
}

fn main() {}
