use orchestrix::prelude::*;

#[derive(Command)]
#[command(title = "Deposit")]
struct Deposit {
    #[id]
    account: u32,
}

fn main() {}
