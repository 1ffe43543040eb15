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
    fn opened(&mut self, _: &Opened) {}
    #[apply]
    fn closed(&mut self, _: &Closed) {}
}

fn main() {}
