use orchestrix::prelude::*;

#[derive(Command)]
#[command(no_id)]
struct Checkout {
    shared: std::rc::Rc<u8>,
}

fn main() {}
