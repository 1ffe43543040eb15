use orchestrix::prelude::*;

struct Ledger;
struct Store;

#[projection(store = Store)]
impl Ledger {}

fn main() {}
