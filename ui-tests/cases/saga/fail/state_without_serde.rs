use orchestrix::prelude::*;

struct Order;

#[saga]
impl Order {
    #[step]
    async fn reserve(&self) -> Result<u32, StepError> {
        Ok(1)
    }
}

fn main() {}
