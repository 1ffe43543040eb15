use orchestrix::prelude::*;

#[derive(Event)]
struct Placed;

fn main() {}
