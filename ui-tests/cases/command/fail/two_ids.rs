use orchestrix::prelude::*;

#[derive(Command)]
struct Deposit {
    #[id]
    account: u32,
    #[id]
    bank: u32,
}

fn main() {}
