use orchestrix::prelude::*;

struct Opened;
struct Open;
struct Account;

#[aggregate]
impl Account {
    #[apply]
    fn opened(_: &Opened) -> Option<Self> {
        None
    }
}

fn main() {}
