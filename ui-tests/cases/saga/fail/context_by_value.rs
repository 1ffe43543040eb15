use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

#[saga]
impl Order {
    #[step]
    async fn reserve(&self, cx: SagaContext) -> Result<u32, StepError> {
        Ok(cx.attempt())
    }
}

fn main() {}
