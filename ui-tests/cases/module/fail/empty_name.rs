use orchestrix::prelude::*;



#[module(name = "")]
struct Bank;

fn main() {}
