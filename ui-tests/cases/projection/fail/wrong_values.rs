use orchestrix::prelude::*;

struct Deposited;
struct Withdrawn;
#[derive(Default, Serialize, Deserialize)]
struct Balance;

#[projection(key = "account", name = balance, version = "2")]
impl Balance {
    #[apply(key = "account")]
    fn deposited(&mut self, _: &Deposited) {}
    #[apply(keys = |_| ["all"])]
    fn withdrawn(&mut self, _: &Withdrawn) {}
}

fn main() {}
