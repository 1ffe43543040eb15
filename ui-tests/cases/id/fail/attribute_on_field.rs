use orchestrix::prelude::*;

#[derive(Id)]
struct OrderId(#[orchestrix(crate = ::orchestrix)] u32);

fn main() {}
