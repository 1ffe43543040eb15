use orchestrix::prelude::*;

struct AccountEvent;
struct Account;

#[aggregate]
impl Account {
    #[apply]
    fn happened(&mut self, _: &AccountEvent) {}
}

fn main() {}
