use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga]
impl Order {
    #[step]
    async fn reserve(&self) -> Result<u32, StepError> {
        Ok(1)
    }
    #[step(after(reserve))]
    async fn charge(&self, reservation: &u32) -> Result<u32, StepError> {
        let _ = reservation;
        Ok(1)
    }
}

fn main() {}
