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

/// A key that no index can hold.
#[derive(PartialEq, Debug)]
struct Word(String);

impl Key for Word {
    fn to_key(&self) -> String {
        self.0.clone()
    }
}

mod word {
    use std::fmt;

    impl fmt::Display for super::Word {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(&self.0)
        }
    }

    impl std::str::FromStr for super::Word {
        type Err = std::convert::Infallible;

        fn from_str(text: &str) -> Result<Self, Self::Err> {
            Ok(Self(text.to_owned()))
        }
    }
}

impl Serialize for Word {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self)
    }
}

#[derive(Id, PartialEq, Debug)]
struct Called(Word);

fn main() {
    use orchestrix::projection::IndexValue;
    assert_eq!(Called(Word("x".to_owned())).to_key(), "x");
    assert_eq!(ParentOf(Invoice(7)).encoded(), 7.encoded());
    let Ok(country) = "United Kingdom".parse::<Country>();
    assert_eq!(country.to_key(), "United Kingdom");
    assert_eq!("7".parse(), Ok(Invoice(7)));
    assert_eq!(serde_json::to_string(&Invoice(7)).unwrap_or_default(), "7");
    assert_eq!(OrderId::from(Uuid::nil()).to_string().parse(), Ok(OrderId(Uuid::nil())));
    assert_eq!(ParentOf(Invoice(7)).to_key(), "7");
}
