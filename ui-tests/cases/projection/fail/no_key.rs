use orchestrix::prelude::*;

struct Deposited;
struct Balance;

#[projection]
impl Balance {
    #[apply]
    fn deposited(&mut self, _: &Deposited) {}
}

fn main() {}
