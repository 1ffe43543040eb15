use orchestrix::prelude::*;

mod old {
    use orchestrix::prelude::*;

    #[derive(Event, Serialize, Deserialize)]
    pub struct Opened;
}

#[derive(Event, Serialize, Deserialize)]
struct Opened;
struct Account;

#[aggregate]
impl Account {
    #[apply]
    fn opened(_: &Opened) -> Self {
        Account
    }
    #[apply]
    fn opened_again(&mut self, _: &old::Opened) {}
}

fn main() {}
