use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Placed {
    order: u32,
}
#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga(key = order)]
impl Order {
    #[start]
    fn placed(_: &Placed) -> Self {
        Order
    }
    #[start]
    fn placed_again(_: &Placed) -> Self {
        Order
    }
    #[step]
    async fn reserve(&self) -> Result<u32, StepError> {
        Ok(1)
    }
}

fn main() {}
