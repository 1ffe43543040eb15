use orchestrix::prelude::*;

#[derive(Id)]
struct Typed<T>(T);

fn main() {}
