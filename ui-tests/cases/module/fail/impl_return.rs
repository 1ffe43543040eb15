use orchestrix::prelude::*;

struct Opened;
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
