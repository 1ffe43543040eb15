use orchestrix::prelude::*;

struct Opened;
struct Open;
struct Bank;

#[module]
impl Bank {
    #[on]
    fn greet(&self, _: &Opened) {}
}

fn main() {}
