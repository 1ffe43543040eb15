use orchestrix::prelude::*;

struct Deposited;
struct Balance;

#[projection(key = account)]
impl Balance {
    #[apply]
    fn deposited(_: &Deposited) {}
}

fn main() {}
