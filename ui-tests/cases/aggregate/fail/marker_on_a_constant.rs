use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Opened;
#[derive(Command)]
struct Open {
    #[id]
    account: u32,
}
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
