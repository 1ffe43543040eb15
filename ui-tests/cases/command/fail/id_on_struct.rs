use orchestrix::prelude::*;

#[derive(Command)]
#[id]
struct Deposit(u32);

fn main() {}
