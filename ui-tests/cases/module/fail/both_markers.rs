use orchestrix::prelude::*;

struct Opened;
struct Open;
struct Bank;

#[module]
impl Bank {
    #[on]
    #[handle]
    async fn open(&self, _: &Open) {}
}

fn main() {}
