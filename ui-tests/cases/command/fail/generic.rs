use orchestrix::prelude::*;

#[derive(Command)]
struct Deposit<'a> {
    #[id]
    account: &'a str,
}

fn main() {}
