use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga]
impl Order {
    #[step]
    async fn reserve(&self, charge: &u32) -> Result<u32, StepError> {
        let _ = charge;
        Ok(1)
    }
    #[step(after(reserve))]
    async fn charge(&self) -> Result<u32, StepError> {
        Ok(1)
    }
}

fn main() {}
