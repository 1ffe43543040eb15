use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Opened;
#[derive(Command)]
#[command(no_id)]
struct Open;
struct Bank;

#[module(nmae = "bank")]
impl Bank {
    #[on]
    fn greet(&self, _: &Opened) {}
    #[handle]
    async fn open(self, _: Open) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
