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
    fn open(_: impl Command) -> Opened {
        Opened
    }
}

fn main() {}
