use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

trait Steps {
    async fn reserve(&self) -> Result<u32, StepError>;
}

#[saga]
impl Steps for Order {
    #[step]
    async fn reserve(&self) -> Result<u32, StepError> {
        Ok(1)
    }
}

fn main() {}
