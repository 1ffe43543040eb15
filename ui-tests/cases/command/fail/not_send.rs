use orchestrix::prelude::*;

#[derive(Command)]
struct Deposit {
    #[id]
    account: u32,
    shared: std::rc::Rc<u8>,
}

fn main() {}
