use orchestrix::prelude::*;

struct Balance;

#[projection(key = account)]
impl Default for Balance {
    fn default() -> Self {
        Balance
    }
}

fn main() {}
