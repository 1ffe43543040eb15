use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga]
impl Order {
    #[step = "reserve"]
    async fn reserve(&self) {}
}

fn main() {}
