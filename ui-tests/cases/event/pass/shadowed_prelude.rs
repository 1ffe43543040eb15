//! Expansions do not lean on the prelude, nor on names that the user may have taken. (Serde's lean on `str` and `u32`.)

#![no_implicit_prelude]
#![deny(warnings, missing_docs, unsafe_code, missing_debug_implementations, unreachable_pub)]
#![allow(non_camel_case_types, dead_code)]

/// Taken names.
pub mod taken {
    macro_rules! take {
        ($($name:ident)*) => {$(
            /// Taken.
            #[derive(::std::fmt::Debug)]
            pub struct $name;
        )*};
    }
    take!(Result Option String Vec Some None Ok Err Box Clone Iterator From Into event into stored core std);
}

#[allow(unused_imports, reason = "that none is used is the point")]
use taken::*;

/// Stored.
#[derive(
    ::std::fmt::Debug, ::orchestrix::Event, ::serde::Serialize, ::serde::Deserialize,
)]
#[event(name = "Placed", schema_version = 2)]
pub struct Placed {
    /// Money.
    #[tag]
    pub pence: i64,
}

/// Stored once.
#[derive(
    ::std::fmt::Debug, ::orchestrix::Event, ::serde::Serialize, ::serde::Deserialize,
)]
#[event(name = "Placed")]
pub struct PlacedV1;

#[::orchestrix::upcast]
fn newer(_: PlacedV1) -> Placed {
    Placed { pence: 0 }
}

/// Stored variants.
#[derive(
    ::std::fmt::Debug, ::orchestrix::Event, ::serde::Serialize, ::serde::Deserialize,
)]
pub enum Parcel {
    /// One.
    Sent(#[tag(name = "weight")] i64),
    /// Two.
    #[event(schema_version = 2, upcast(as_it_was))]
    Lost,
}

fn as_it_was(old: ::serde_json::Value) -> ::serde_json::Value {
    old
}

fn main() {
    let _ = newer;
    let _ = as_it_was;
}
