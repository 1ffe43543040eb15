use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Opened;
#[derive(Command)]
struct Open {
    #[id]
    account: u32,
}
struct Account;

#[aggregate(category = account, events = "AccountEvent")]
impl Account {
    #[apply]
    fn opened(_: &Opened) -> Self {
        Account
    }
}

fn main() {}
