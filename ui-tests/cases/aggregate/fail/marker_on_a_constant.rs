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
    #[apply]
    const LIMIT: i64 = 5;
}

fn main() {}
