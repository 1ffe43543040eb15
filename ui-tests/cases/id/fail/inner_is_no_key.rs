use orchestrix::prelude::*;

#[derive(Id)]
struct OrderId(f64);

fn main() {}
