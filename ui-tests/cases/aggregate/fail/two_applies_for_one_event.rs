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
    fn opened_again(&mut self, _: &Opened) {}
}

fn main() {}
