use orchestrix::prelude::*;

struct Bank<T>(T);

#[module]
impl<T> Bank<T> {}

fn main() {}
