use orchestrix::prelude::*;

struct Account;
struct Balance;

#[module(aggregates(Account), projections(Balance))]
struct Bank;

fn main() {}
