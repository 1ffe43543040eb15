use orchestrix::prelude::*;

#[derive(Command)]
struct Deposit {
    #[id]
    account: u32,
    note: Note,
}

struct Note;

fn main() {}
