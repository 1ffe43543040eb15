use orchestrix::prelude::*;

struct Deposited;
struct Withdrawn;
#[derive(Default, Serialize, Deserialize)]
struct Balance;

#[projection(key = account, verison = 2)]
impl Balance {
    #[apply]
    fn deposited(&self, _: &Deposited) {}
    #[apply(key)]
    fn withdrawn(&mut self, _: &Withdrawn) {}
}

fn main() {}
