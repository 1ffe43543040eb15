use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Opened {}
struct Account;
struct AccountEvent;

#[aggregate]
impl Account {
    #[apply]
    fn opened(_: &Opened) -> Self {
        Account
    }
}

fn main() {}
