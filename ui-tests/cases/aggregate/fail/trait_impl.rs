use orchestrix::prelude::*;

struct Account;

#[aggregate]
impl Default for Account {
    fn default() -> Self {
        Account
    }
}

fn main() {}
