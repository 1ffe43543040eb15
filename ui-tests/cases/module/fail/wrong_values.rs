use orchestrix::prelude::*;

struct Account;

#[module(aggregates = Account, projections, name(bank))]
struct Bank;

fn main() {}
