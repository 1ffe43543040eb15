use orchestrix::prelude::*;

#[upcast]
struct Placed;

fn main() {}
