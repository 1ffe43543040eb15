use orchestrix::prelude::*;

struct Account;
struct Balance;

#[module(aggregates(Account, Account), projections(Balance, Balance))]
struct Bank;

fn main() {}
