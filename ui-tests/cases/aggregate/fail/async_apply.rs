use orchestrix::prelude::*;

struct Opened;
struct Open;
struct Account;

#[aggregate]
impl Account {
    #[apply]
    async fn opened(&mut self, _: &Opened) {}
}

fn main() {}
