use orchestrix::prelude::*;

struct Deposited;
#[derive(Default, Serialize, Deserialize)]
struct Balance;

#[projection(key = account)]
impl Balance {
    #[apply]
    fn deposited(&mut self, _: &Deposited) -> bool {
        true
    }
}

fn main() {}
