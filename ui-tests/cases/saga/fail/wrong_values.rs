use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Placed {
    order: u32,
}
#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga(name = 7, key = order.customer())]
impl Order {
    #[step(name = reserve)]
    async fn reserve(&self) -> Result<u32, StepError> {
        Ok(1)
    }
}

fn main() {}
