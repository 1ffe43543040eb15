use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Opened {}
#[derive(Command)]
#[command(no_id)]
struct Open {}
struct Bank;
struct NoCommand;

#[module]
impl Bank {
    #[handle]
    async fn open(&self, _: NoCommand) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
