use orchestrix::prelude::*;

#[derive(Command)]
enum Deposit {
    Cash,
}

fn main() {}
