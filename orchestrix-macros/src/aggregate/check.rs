//! What looks at more than one method.

use super::model::Aggregate;
use crate::argument;
use crate::ctxt::Ctxt;

/// All rules.
pub(super) fn all(cx: &Ctxt, model: &Aggregate) {
    if model.applies.is_empty() && !model.applies_incomplete {
        cx.error(
            &model.self_ty,
            "an aggregate is the sum of its events: mark a method for each with `#[apply]`, `fn ..(&mut self, event: &TheEvent)`",
        );
    }
    let events = model
        .applies
        .iter()
        .map(|apply| (&apply.event, &apply.cfgs[..]));
    argument::check_events(cx, "apply", events);
    for apply in &model.applies {
        if model.events == apply.event.ty.to_string() {
            cx.error(
                &apply.event.ty,
                format!(
                    "the generated enum of events would have this name too: name it with `#[aggregate(events = {}s)]`",
                    model.events
                ),
            );
        }
    }
    let commands = model
        .handles
        .iter()
        .map(|handle| (&handle.command, &handle.cfgs[..]));
    argument::check_commands(cx, commands);
}
