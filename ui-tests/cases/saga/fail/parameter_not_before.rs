use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga]
impl Order {
    #[step]
    async fn reserve(&self) -> Result<u32, StepError> {
        Ok(1)
    }
    #[step]
    async fn charge(&self) -> Result<u32, StepError> {
        Ok(1)
    }
    #[step(after(charge))]
    async fn ship(&self, charge: &u32, reserve: &u32) -> Result<u32, StepError> {
        let _ = charge;
        let _ = reserve;
        Ok(1)
    }
}

fn main() {}
