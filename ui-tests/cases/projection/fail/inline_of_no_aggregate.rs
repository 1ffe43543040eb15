use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Deposited {
    account: u32,
}
#[derive(Default, Serialize, Deserialize)]
struct Balance;
struct Account;

#[projection(key = account, inline = Account)]
impl Balance {
    #[apply]
    fn deposited(&mut self, _: &Deposited) {}
}

fn main() {}
