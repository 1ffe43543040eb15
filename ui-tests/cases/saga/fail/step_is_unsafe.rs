use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga]
impl Order {
    #[step]
    async unsafe fn reserve(&self) -> Result<u32, StepError> {
        Ok(1)
    }
}

fn main() {}
