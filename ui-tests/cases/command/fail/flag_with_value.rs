use orchestrix::prelude::*;

#[derive(Command)]
#[command(no_id = true)]
struct Deposit {
    #[id]
    account: u32,
}

fn main() {}
