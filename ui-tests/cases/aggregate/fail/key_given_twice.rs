use orchestrix::prelude::*;

struct Opened;
struct Open;
struct Account;

#[aggregate(category = "account", category = "accounts")]
impl Account {
    #[apply]
    fn opened(_: &Opened) -> Self {
        Account
    }
}

fn main() {}
