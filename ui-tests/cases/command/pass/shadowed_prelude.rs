//! Expansions do not lean on the prelude, nor on names that the user may have taken.

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
    take!(Result Option String Vec Some None Ok Err Box Clone Iterator From Into f text to from value core std serde str u32 u64 bool);
}

#[allow(unused_imports, reason = "that none is used is the point")]
use taken::*;

/// A command.
#[derive(::std::fmt::Debug, ::orchestrix::Command)]
pub struct Place(#[id] OrderId, ::std::primitive::i64);

/// An id.
#[derive(::std::fmt::Debug, ::std::clone::Clone, ::orchestrix::Id)]
pub struct OrderId(::std::primitive::i64);

fn main() {}
