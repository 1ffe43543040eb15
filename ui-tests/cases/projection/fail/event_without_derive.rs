use orchestrix::prelude::*;

struct Deposited {
    account: u32,
    rate: f64,
}
#[derive(Default, Serialize, Deserialize)]
struct Balance {}

#[projection(key = account)]
impl Balance {
    #[apply]
    fn deposited(&mut self, _: &Deposited) {}
}

fn main() {}
