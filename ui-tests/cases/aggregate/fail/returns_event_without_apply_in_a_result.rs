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
#[derive(Event, Serialize, Deserialize)]
struct Closed {}

#[aggregate]
impl Account {
    #[apply]
    fn opened(_: &Opened) -> Self {
        Account
    }
    #[handle]
    fn open(cmd: Open) -> Result<(Opened, Closed), String> {
        Ok((Opened { account: cmd.account }, Closed {}))
    }
}

fn main() {}
