use orchestrix::prelude::*;

#[upcast]
fn newer<T>(old: T) -> T {
    old
}

fn main() {}
