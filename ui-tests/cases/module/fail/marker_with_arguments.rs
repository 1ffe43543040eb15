use orchestrix::prelude::*;

struct Opened;
struct Open;
struct Bank;

#[module]
impl Bank {
    #[on(Opened)]
    async fn greet(&self, _: &Opened) {}
}

fn main() {}
