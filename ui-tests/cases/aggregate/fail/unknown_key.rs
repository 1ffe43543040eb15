use orchestrix::prelude::*;

struct Opened;
struct Open;
struct Account;

#[aggregate(categroy = "account")]
impl Account {
    #[apply]
    fn opened(_: &Opened) -> Self {
        Account
    }
}

fn main() {}
