use orchestrix::prelude::*;

struct Deposited;
#[derive(Default, Serialize, Deserialize)]
struct Balance;

#[projection(key = account)]
impl Balance {
    #[apply]
    fn deposited(_: &Deposited) {}
}

fn main() {}
