use orchestrix::prelude::*;

struct Deposited;
#[derive(Default, Serialize, Deserialize)]
struct Balance;

#[projection(key = account)]
impl Balance {
    #[apply]
    fn deposited(&self, _: &Deposited) {}
}

fn main() {}
