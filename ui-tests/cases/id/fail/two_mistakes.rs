use orchestrix::prelude::*;

#[derive(Id)]
#[orchestrix(path = ::orchestrix)]
struct Typed<T>(T, u8);

fn main() {}
