use orchestrix::prelude::*;

#[derive(Command)]
#[command(name = 1)]
struct Deposit {
    #[id]
    account: u32,
}

fn main() {}
