use orchestrix::prelude::*;

#[derive(Command)]
#[command(nam = "Deposit")]
struct Deposit<T> {
    #[id]
    account: u32,
    #[id]
    other: T,
}

fn main() {}
