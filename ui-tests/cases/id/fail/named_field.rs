use orchestrix::prelude::*;

#[derive(Id)]
struct OrderId {
    id: u32,
}

fn main() {}
