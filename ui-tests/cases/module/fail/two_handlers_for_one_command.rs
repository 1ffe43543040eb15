use orchestrix::prelude::*;

#[derive(Event, Serialize, Deserialize)]
struct Opened;
#[derive(Command)]
#[command(no_id)]
struct Open;
struct Bank;

#[module]
impl Bank {
    #[handle]
    async fn open(&self, _: Open) -> Result<(), String> {
        Ok(())
    }
    #[handle]
    async fn open_again(&self, _: Open) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
