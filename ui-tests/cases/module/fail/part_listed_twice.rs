use orchestrix::prelude::*;

struct Account;
struct Balance;

#[module(aggregates(Account, Account), projections(Balance, Balance), tables(Shelf, Shelf))]
struct Bank;

fn main() {}
