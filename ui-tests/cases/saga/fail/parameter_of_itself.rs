use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga]
impl Order {
    #[step]
    async fn reserve(&self, reserve: &u32) -> Result<u32, StepError> {
        let _ = reserve;
        Ok(1)
    }
}

fn main() {}
