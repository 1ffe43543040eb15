//! What looks at more than one method.

use syn::Attribute;

use super::method::OfEvent;
use super::model::Reactions;
use crate::argument;
use crate::ctxt::Ctxt;

/// All rules.
pub(super) fn all(cx: &Ctxt, model: &Reactions) {
    if model.starts.is_empty() && !model.incomplete {
        cx.error(
            &model.self_ty,
            "a saga of reactions begins with an event: mark a method with `#[start]`, `fn ..(event: &TheEvent) -> Self`",
        );
    }
    for (marker, methods) in [("start", &model.starts), ("on", &model.ons)] {
        let events = methods
            .iter()
            .map(|method| (&method.event, &method.cfgs[..]));
        argument::check_events(cx, marker, events);
    }
    both(cx, model);
    if !model.has_key {
        keys(cx, model);
    }
    timers(cx, model);
    let mut earlier: Vec<&[Attribute]> = Vec::new();
    for rejected in &model.rejected {
        if earlier.iter().any(|cfgs| meet(cfgs, &rejected.cfgs)) {
            cx.error(
                &rejected.method,
                "another method is `#[rejected]`: write one, for all commands",
            );
        }
        earlier.push(&rejected.cfgs);
    }
}

/// Methods that are both under `#[cfg]` may exclude each other: rustc sees whether they do.
fn meet(one: &[Attribute], other: &[Attribute]) -> bool {
    one.is_empty() || other.is_empty()
}

fn both(cx: &Ctxt, model: &Reactions) {
    for on in &model.ons {
        let same =
            |start: &&OfEvent| start.event.name == on.event.name && meet(&start.cfgs, &on.cfgs);
        if model.starts.iter().any(|start| same(&start)) {
            cx.error(
                &on.event.ty,
                format!(
                    "`{}` begins this saga, and changes no instance that is there: take it in one of the two methods",
                    on.event.name
                ),
            );
        }
    }
}

fn keys(cx: &Ctxt, model: &Reactions) {
    for method in model.starts.iter().chain(&model.ons) {
        if method.key.is_none() && !method.key_misread {
            cx.error(
                &method.method,
                "nothing says which instance this event belongs to: write `key = field` in its marker, or `#[saga(key = field)]` for all",
            );
        }
    }
}

fn timers(cx: &Ctxt, model: &Reactions) {
    for (at, timer) in model.timers.iter().enumerate() {
        let same = |other: &&super::method::Timer| {
            other.name == timer.name && meet(&other.cfgs, &timer.cfgs)
        };
        let mut earlier = model.timers[..at].iter();
        // Of two methods of one name rustc speaks.
        if earlier.any(|other| same(&other) && other.method != timer.method) {
            cx.error(
                &timer.named_at,
                format!(
                    "another timer is called `{}`: a durable name stands for one, give this another",
                    timer.name
                ),
            );
        }
    }
}
