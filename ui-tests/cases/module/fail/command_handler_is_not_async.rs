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
    fn open(&self, _: Open) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
