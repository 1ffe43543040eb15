use orchestrix::prelude::*;

#[derive(Id)]
enum OrderId {
    Number(u32),
}

fn main() {}
