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
    unsafe fn open(_: Open) -> Opened {
        Opened
    }
}

fn main() {}
