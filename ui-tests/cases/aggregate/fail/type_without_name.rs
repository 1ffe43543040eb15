use orchestrix::prelude::*;



#[aggregate]
impl (u8, u8) {}

fn main() {}
