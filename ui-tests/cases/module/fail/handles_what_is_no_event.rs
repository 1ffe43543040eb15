use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Opened {}
#[derive(Command)]
#[command(no_id)]
struct Open {}
struct Bank;
struct NoEvent;

#[module]
impl Bank {
    #[on]
    async fn greet(&self, _: &NoEvent) {}
}

fn main() {}
