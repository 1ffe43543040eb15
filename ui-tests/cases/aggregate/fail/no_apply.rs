use orchestrix::prelude::*;

struct Opened;
struct Open;
struct Account;

#[aggregate]
impl Account {
    #[handle]
    fn open(_: Open) {}
}

fn main() {}
