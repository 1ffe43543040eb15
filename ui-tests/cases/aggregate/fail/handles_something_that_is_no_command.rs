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
struct NoCommand;

#[aggregate]
impl Account {
    #[apply]
    fn opened(_: &Opened) -> Self {
        Account
    }
    #[handle]
    fn open(_: NoCommand) -> Opened {
        Opened { account: 1 }
    }
}

fn main() {}
