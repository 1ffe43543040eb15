use orchestrix::prelude::*;



#[module]
struct Bank<T>(T);

fn main() {}
