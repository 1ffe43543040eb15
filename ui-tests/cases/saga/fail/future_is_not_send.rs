use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga]
impl Order {
    #[step]
    async fn reserve(&self) -> Result<u32, StepError> {
        let name = std::rc::Rc::new(1);
        std::future::ready(()).await;
        Ok(*name)
    }
}

fn main() {}
