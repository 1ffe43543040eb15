use orchestrix::prelude::*;

struct Deposited;
#[derive(Default, Serialize, Deserialize)]
struct Balance;

#[projection(key = account)]
impl Balance {
    #[apply(key = account, keys = Self::all)]
    fn deposited(&mut self, _: &Deposited) {}
}

fn main() {}
