use orchestrix::prelude::*;

#[derive(Command)]
struct Deposit {
    #[id(account)]
    account: u32,
}

fn main() {}
