use orchestrix::prelude::*;

struct Opened;
struct Account<T>(Option<T>);

#[aggregate]
impl<T> Account<T> {
    #[apply]
    fn opened(_: &Opened) -> Self {
        Account(None)
    }
}

fn main() {}
