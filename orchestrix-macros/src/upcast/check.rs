//! The rules that look at more than one thing.

use syn::Safety;

use super::model::{Upcast, is_named};
use crate::ctxt::Ctxt;
use crate::generics;

pub(super) fn check(cx: &Ctxt, upcast: &Upcast) {
    let signature = &upcast.signature;
    if let Some(asyncness) = &signature.asyncness {
        cx.error(
            asyncness,
            "an upcaster cannot be async: it does no I/O, so that every read gives the same event",
        );
    }
    if let Safety::Unsafe(token) = &signature.safety {
        cx.error(token, "an upcaster cannot be unsafe: every read calls it");
    }
    generics::refuse(
        cx,
        &signature.generics,
        "an upcaster cannot be generic: write one function for each event",
    );
    check_kind(cx, upcast);
}

/// Typed upcasters are named by their types, those on JSON by `event` and `from`.
fn check_kind(cx: &Ctxt, upcast: &Upcast) {
    match (&upcast.event_key, &upcast.from_key) {
        (Some(event), None) => {
            cx.error(event, "which schema version does it take? add `from = 1`");
        }
        (None, Some(from)) => {
            cx.error(
                from,
                "which event does it belong to? add `event = OrderPlaced`",
            );
        }
        (Some(_), Some(_)) => {}
        (None, None) => check_typed(cx, upcast),
    }
}

fn check_typed(cx: &Ctxt, upcast: &Upcast) {
    let Some((old, new)) = &upcast.types else {
        return;
    };
    if is_named(old, "Value") {
        cx.error(
            old,
            "an upcaster on JSON names its event and version: write `#[upcast(event = OrderPlaced, from = 1)]`",
        );
    }
    if is_named(new, "Result") {
        cx.error(
            new,
            "an upcaster between types cannot fail: return the new type, or write it on JSON as \
             `#[upcast(event = OrderPlaced, from = 1)] fn(Value) -> Result<Value, E>`",
        );
    }
}
