use orchestrix::prelude::*;

#[derive(Command)]
#[command(id = account)]
struct Deposit {
    account: u32,
}

fn main() {}
