use orchestrix::prelude::*;

struct Bank;

#[module]
impl Clone for Bank {
    fn clone(&self) -> Self {
        Bank
    }
}

fn main() {}
