use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order<T>(T);

#[saga]
impl<T> Order<T> {
    #[step]
    async fn reserve(&self) -> Result<u32, StepError> {
        Ok(1)
    }
}

fn main() {}
