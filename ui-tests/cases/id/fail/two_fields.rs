use orchestrix::prelude::*;

#[derive(Id)]
struct OrderId(u32, u32);

fn main() {}
