use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Deposited {
    account: u32,
}
#[derive(Default, Serialize, Deserialize)]
struct Balance {
    country: String,
    rate: f64,
}

#[projection(key = account, index())]
impl Balance {
    #[apply]
    fn deposited(&mut self, _: &Deposited) {}
}

fn main() {}
