use orchestrix::prelude::*;

struct Opened;
struct Open;
struct Account;

#[aggregate(category = account, events = "AccountEvent")]
impl Account {
    #[apply]
    fn opened(_: &Opened) -> Self {
        Account
    }
}

fn main() {}
