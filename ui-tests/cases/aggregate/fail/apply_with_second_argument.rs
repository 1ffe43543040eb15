use orchestrix::prelude::*;

struct Opened;
struct Open;
struct Account;

#[aggregate]
impl Account {
    #[apply]
    fn opened(&mut self, _: &Opened, _: &CommandContext) {}
}

fn main() {}
