use orchestrix::prelude::*;

struct Opened;
struct Open;
struct Bank;

#[module]
impl Bank {
    #[on]
    async fn greet(&self, _: &Opened, _: &EventContext, mail: &Mail) {}
}

fn main() {}
