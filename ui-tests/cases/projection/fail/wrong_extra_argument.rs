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
    #[apply(keys = Self::accounts)]
    fn deposited(&mut self, _: &Deposited, _: &String) {}
    fn accounts(event: &Deposited) -> [u32; 1] {
        [event.account]
    }
}

fn main() {}
