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
    async fn opened(&mut self, _: &Opened) {}
}

fn main() {}
