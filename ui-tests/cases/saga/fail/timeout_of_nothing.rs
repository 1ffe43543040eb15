use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga]
impl Order {
    #[step(compensate = release, timeout = "0s")]
    async fn reserve(&self) -> Result<u32, StepError> {
        Ok(1)
    }
    #[compensation(timeout = "9000h")]
    async fn release(&self) -> Result<(), StepError> {
        Ok(())
    }
}

fn main() {}
