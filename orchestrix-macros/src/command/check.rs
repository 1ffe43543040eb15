//! The rules that look at more than one attribute.

use syn::DeriveInput;

use super::model::{Command, Shape};
use crate::ctxt::Ctxt;
use crate::generics;

pub(super) fn check(cx: &Ctxt, input: &DeriveInput, command: &Command) {
    generics::refuse(
        cx,
        &input.generics,
        "commands cannot be generic: each command has one handler, so write one struct for each",
    );
    let Shape::Struct(fields) = &command.shape else {
        return;
    };
    let ids: Vec<_> = fields.iter().flat_map(|field| &field.ids).collect();
    match ids.split_first() {
        None if !command.no_id => cx.error(
            &command.ident,
            "no field names the stream: mark one with `#[id]`, or the command with \
             `#[command(no_id)]` if a module handles it",
        ),
        None => {}
        Some((first, _)) if command.no_id => cx.error(
            first,
            "the command is marked `#[command(no_id)]`: remove that, or this `#[id]`",
        ),
        Some((_, more)) => more.iter().for_each(|second| {
            cx.error(
                second,
                "another `#[id]` names the stream already: remove one, or make one id type of both fields",
            );
        }),
    }
}
