use orchestrix::prelude::*;



#[module]
enum Bank {}

fn main() {}
