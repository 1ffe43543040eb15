use orchestrix::prelude::*;

#[derive(Id)]
struct OrderId;

fn main() {}
