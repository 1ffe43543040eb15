use orchestrix::prelude::*;

#[derive(Command)]
#[command(no_id)]
struct Deposit {
    #[id]
    account: u32,
}

fn main() {}
