use orchestrix::prelude::*;

struct Deposited;
struct Balance;

#[projection(key = account, version = 0)]
impl Balance {
    #[apply]
    fn deposited(&mut self, _: &Deposited) {}
}

fn main() {}
