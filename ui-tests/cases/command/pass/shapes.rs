//! Commands of every shape.

#![deny(warnings)]

use orchestrix::prelude::*;
use uuid::Uuid;

#[derive(Command, PartialEq, Debug)]
struct Named {
    note: String,
    #[id]
    account: Uuid,
}

#[derive(Command, Clone, Debug)]
struct Tuple(Vec<u8>, #[id] String);

#[derive(Command)]
#[command(no_id, name = "night audit")]
struct Unit;

#[derive(Command)]
struct Borrowed(#[id] &'static str);

fn main() {
    let named = Named { note: "a".into(), account: Uuid::nil() };
    assert_eq!(named.duplicate(), named);
    assert_eq!(named.stream_key(), "00000000-0000-0000-0000-000000000000");
    assert_eq!(Tuple(vec![1], "x".into()).stream_key(), "x");
    let Unit = Unit.duplicate();
    assert_eq!(Unit::NAME, "night audit");
    assert_eq!(Borrowed("b").duplicate().stream_key(), "b");
}
