use orchestrix::prelude::*;

#[derive(Id)]
struct OrderId(Vec<u8>);

fn main() {}
