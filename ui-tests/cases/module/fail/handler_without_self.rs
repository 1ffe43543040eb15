use orchestrix::prelude::*;

struct Opened;
struct Open;
struct Bank;

#[module]
impl Bank {
    #[on]
    async fn greet(_: &Opened) {}
}

fn main() {}
