use orchestrix::prelude::*;



#[projection(key = account)]
struct Balance;

fn main() {}
