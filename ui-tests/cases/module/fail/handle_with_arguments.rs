use orchestrix::prelude::*;

#[derive(Command)]
#[command(no_id)]
struct Open;
struct Bank;

#[module]
impl Bank {
    #[handle(replay)]
    async fn open(&self, _: Open) -> Result<(), ()> {
        Ok(())
    }
}

fn main() {}
