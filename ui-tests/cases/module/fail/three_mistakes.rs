use orchestrix::prelude::*;

struct Opened;
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
