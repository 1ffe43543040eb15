use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Deposited {
    account: u32,
    rate: f64,
}
#[derive(Default, Serialize, Deserialize)]
struct Balance {}

#[projection(key = rate)]
impl Balance {
    #[apply]
    fn deposited(&mut self, _: &Deposited) {}
}

fn main() {}
