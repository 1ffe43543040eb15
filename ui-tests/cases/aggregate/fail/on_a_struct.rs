use orchestrix::prelude::*;



#[aggregate]
struct Account;

fn main() {}
