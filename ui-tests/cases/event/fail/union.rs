use orchestrix::prelude::*;

#[derive(Event)]
union Placed {
    pence: i64,
}

fn main() {}
