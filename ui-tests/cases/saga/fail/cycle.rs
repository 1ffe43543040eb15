use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga]
impl Order {
    #[step(after(c))]
    async fn a(&self) -> Result<u32, StepError> {
        Ok(1)
    }
    #[step(after(a))]
    async fn b(&self) -> Result<u32, StepError> {
        Ok(1)
    }
    #[step(after(b))]
    async fn c(&self) -> Result<u32, StepError> {
        Ok(1)
    }
    #[step(after(c))]
    async fn d(&self) -> Result<u32, StepError> {
        Ok(1)
    }
}

fn main() {}
