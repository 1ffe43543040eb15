use orchestrix::prelude::*;

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
