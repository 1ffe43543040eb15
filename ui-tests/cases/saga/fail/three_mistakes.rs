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
    fn placed(_: &Placed) {}
    #[step(afer(x))]
    async fn reserve(&self) -> Result<u32, StepError> {
        Ok(1)
    }
    #[step(after(reserve), timeout = "1 s")]
    async fn charge(&self, ship: &u32) -> Result<u32, StepError> {
        let _ = ship;
        Ok(1)
    }
}

fn main() {}
