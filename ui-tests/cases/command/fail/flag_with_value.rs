use orchestrix::prelude::*;

#[derive(Command)]
#[command(no_id = true)]
struct Deposit {
    account: u32,
}

fn main() {}
