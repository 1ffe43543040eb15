use orchestrix::prelude::*;

#[derive(Clone, Serialize, Deserialize)]
struct Order;

struct Reservation;

#[saga]
impl Order {
    #[step]
    async fn reserve(&self) -> Result<Reservation, StepError> {
        Ok(Reservation)
    }
}

fn main() {}
