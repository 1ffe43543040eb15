use orchestrix::prelude::*;

struct Opened;
struct Open;
struct Bank;

#[module]
impl Bank {
    #[handle]
    async fn open(&self, _: &mut Open) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
