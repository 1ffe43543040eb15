use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
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
