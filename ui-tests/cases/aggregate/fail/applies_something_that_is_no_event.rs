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
struct NoEvent;

#[aggregate]
impl Account {
    #[apply]
    fn opened(_: &Opened) -> Self {
        Account
    }
    #[apply]
    fn happened(&mut self, _: &NoEvent) {}
}

fn main() {}
