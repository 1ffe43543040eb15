use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga]
impl Order {
    #[step]
    async fn reserve(&mut self) -> Result<u32, StepError> {
        Ok(1)
    }
    #[step]
    async fn charge(&mut self) -> Result<u32, StepError> {
        Ok(1)
    }
}

fn main() {}
