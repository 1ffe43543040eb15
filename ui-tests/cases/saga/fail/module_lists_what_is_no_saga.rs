use orchestrix::prelude::*;

struct Order;

#[module(sagas(Order))]
struct Sales;

fn main() {}
