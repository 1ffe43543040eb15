use orchestrix::prelude::*;

struct Opened;
struct Open;
struct Account;

#[aggregate]
impl Account {
    #[apply]
    fn opened(_: &Opened) -> Self {
        Account
    }
    #[handle]
    fn close<'a>(&'a self, _: Open) -> Opened {
        Opened
    }
}

fn main() {}
