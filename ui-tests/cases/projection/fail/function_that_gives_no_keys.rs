use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Deposited {
    account: u32,
    rate: f64,
}
#[derive(Default, Serialize, Deserialize)]
struct Balance {}

#[projection(key = account)]
impl Balance {
    #[apply(keys = Self::rates)]
    fn deposited(&mut self, _: &Deposited) {}
    fn rates(event: &Deposited) -> Vec<f64> {
        vec![event.rate]
    }
}

fn main() {}
