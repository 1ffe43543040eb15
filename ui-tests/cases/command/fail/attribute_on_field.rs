use orchestrix::prelude::*;

#[derive(Command)]
struct Deposit {
    #[id]
    #[command(name = "Account")]
    account: u32,
}

fn main() {}
