use orchestrix::prelude::*;

#[derive(Command)]
struct Deposit {
    #[id]
    account: f64,
}

fn main() {}
