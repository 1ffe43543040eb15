use orchestrix::prelude::*;

struct Deposited;
struct Balance;

#[projection(key = account)]
impl Balance {
    #[apply]
    fn deposited(&self, _: &Deposited) {}
}

fn main() {}
