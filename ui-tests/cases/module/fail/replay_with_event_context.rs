use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Opened {}
struct Bank;

#[module]
impl Bank {
    #[on(replay)]
    async fn index(&self, _: &Opened, _: &EventContext) {}
}

fn main() {}
