use orchestrix::prelude::*;

struct Deposited;
struct Balance<T>(Option<T>);

#[projection(key = account)]
impl<T> Balance<T> {
    #[apply]
    fn deposited(&mut self, _: &Deposited) {}
}

fn main() {}
