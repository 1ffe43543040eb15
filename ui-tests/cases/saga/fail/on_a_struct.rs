use orchestrix::prelude::*;

#[saga]
#[derive(Clone, Serialize, Deserialize)]
struct Order;

fn main() {}
