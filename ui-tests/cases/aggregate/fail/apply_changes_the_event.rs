use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Opened {
    pence: i64,
}

#[derive(Default)]
struct Account {
    pence: i64,
}

#[aggregate]
impl Account {
    #[apply]
    fn opened(&mut self, event: &Opened) {
        event.pence = 0;
        self.pence = event.pence;
    }
}

fn main() {}
