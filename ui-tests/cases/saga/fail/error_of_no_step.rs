use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

struct Busy;

#[saga]
impl Order {
    #[step]
    async fn reserve(&self) -> Result<u32, Busy> {
        Ok(1)
    }
}

fn main() {}
