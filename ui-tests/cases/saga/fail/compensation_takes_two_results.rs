use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga]
impl Order {
    #[step(compensate = release)]
    async fn reserve(&self) -> Result<u32, StepError> {
        Ok(1)
    }
    #[compensation]
    async fn release(&self, done: &u32, other: &u32) -> Result<(), StepError> {
        let _ = done;
        let _ = other;
        Ok(())
    }
}

fn main() {}
