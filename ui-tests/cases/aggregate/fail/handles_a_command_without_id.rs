use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Opened {
    account: u32,
}
#[derive(Command)]
struct Open {
    #[id]
    account: u32,
}
struct Account;
#[derive(Command)]
#[command(no_id)]
struct Anywhere;

#[aggregate]
impl Account {
    #[apply]
    fn opened(_: &Opened) -> Self {
        Account
    }
    #[handle]
    fn open(_: &Anywhere) -> Opened {
        Opened { account: 1 }
    }
}

fn main() {}
