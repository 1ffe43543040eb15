use orchestrix::prelude::*;

struct Opened;
struct Open;
struct Bank;

#[module]
impl Bank {
    #[handle]
    async fn open(&self) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
