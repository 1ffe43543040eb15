use orchestrix::prelude::*;

struct Opened;
struct Open;
struct Account;

#[aggregate]
impl Account {
    #[apply]
    fn opened(_: &Opened) -> Self {
        Account
    }
    #[handle]
    fn open(_: Open) -> impl Iterator<Item = Opened> {
        std::iter::once(Opened)
    }
}

fn main() {}
