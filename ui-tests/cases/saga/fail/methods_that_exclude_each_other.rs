use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga]
impl Order {
    #[step]
    async fn charge(&self) -> Result<u32, StepError> {
        Ok(1)
    }
    #[cfg(all())]
    #[step]
    async fn reserve(&self) -> Result<u32, StepError> {
        Ok(1)
    }
    #[cfg(any())]
    #[step]
    async fn reserve(&self) -> Result<u32, StepError> {
        Ok(1)
    }
}

fn main() {}
