use orchestrix::prelude::*;

mod old {
    pub struct Opened;
}
struct Opened;
struct Account;

#[aggregate]
impl Account {
    #[apply]
    fn opened(_: &Opened) -> Self {
        Account
    }
    #[apply]
    fn opened_again(&mut self, _: &old::Opened) {}
}

fn main() {}
