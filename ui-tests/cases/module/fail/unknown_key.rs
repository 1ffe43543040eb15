use orchestrix::prelude::*;

struct Account;

#[module(aggregate(Account))]
struct Bank;

fn main() {}
