use orchestrix::prelude::*;

#[derive(Command)]
struct Deposit {
    account: u32,
}

fn main() {}
