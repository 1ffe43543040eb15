use orchestrix::prelude::*;

struct Opened;
struct Open;
struct Bank;

#[module]
impl Bank {
    #[on]
    async fn greet(&self) {}
}

fn main() {}
