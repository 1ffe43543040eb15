use orchestrix::prelude::*;

struct Opened;
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
