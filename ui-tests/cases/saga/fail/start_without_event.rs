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
    fn placed() -> Self {
        Order
    }
    #[step]
    async fn reserve(&self) -> Result<u32, StepError> {
        Ok(1)
    }
}

fn main() {}
