use orchestrix::prelude::*;

#[module(sagas = Order)]
struct Sales;

fn main() {}
