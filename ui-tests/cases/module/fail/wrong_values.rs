use orchestrix::prelude::*;

struct Account;

#[module(aggregates = Account, projections, tables, name(bank))]
struct Bank;

fn main() {}
