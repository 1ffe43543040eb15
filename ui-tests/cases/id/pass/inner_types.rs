//! Ids around text, integers, UUIDs and other ids.

#![deny(warnings)]

use orchestrix::prelude::*;
use uuid::Uuid;

/// In words.
#[derive(Id, Clone, PartialEq, Debug)]
pub struct Country(pub String);

/// In numbers.
#[derive(Id, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
struct Invoice(u32);

#[derive(Id, PartialEq, Debug)]
struct OrderId(Uuid);

#[derive(Id, PartialEq, Debug)]
struct ParentOf(Invoice);

fn main() {
    let Ok(country) = "United Kingdom".parse::<Country>();
    assert_eq!(country.to_key(), "United Kingdom");
    assert_eq!("7".parse(), Ok(Invoice(7)));
    assert_eq!(serde_json::to_string(&Invoice(7)).unwrap_or_default(), "7");
    assert_eq!(OrderId::from(Uuid::nil()).to_string().parse(), Ok(OrderId(Uuid::nil())));
    assert_eq!(ParentOf(Invoice(7)).to_key(), "7");
}
