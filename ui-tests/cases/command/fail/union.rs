use orchestrix::prelude::*;

#[derive(Command)]
union Deposit {
    pence: i64,
}

fn main() {}
