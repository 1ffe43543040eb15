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
    async fn open(&self, _: Open) -> Result<impl Send, String> {
        Ok(())
    }
}

fn main() {}
