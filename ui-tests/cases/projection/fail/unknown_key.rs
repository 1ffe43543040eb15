use orchestrix::prelude::*;

struct Deposited;
struct Balance;

#[projection(kye = account)]
impl Balance {
    #[apply]
    fn deposited(&mut self, _: &Deposited) {}
}

fn main() {}
