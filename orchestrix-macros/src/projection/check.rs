//! What looks at more than one method or attribute.

use super::model::Projection;
use crate::argument;
use crate::ctxt::Ctxt;

/// All rules.
pub(super) fn all(cx: &Ctxt, model: &Projection) {
    if model.applies.is_empty() && !model.incomplete {
        cx.error(
            &model.self_ty,
            "a projection is a fold of events: mark a method for each with `#[apply]`, `fn ..(&mut self, event: &TheEvent)`",
        );
    }
    argument::check_events(
        cx,
        "apply",
        model
            .applies
            .iter()
            .map(|apply| (&apply.event, &apply.cfgs[..])),
    );
    for (at, index) in model.indexes.iter().enumerate() {
        if model
            .indexes
            .iter()
            .take(at)
            .any(|earlier| earlier == index)
        {
            cx.error(index, format!("`{index}` has an index already: remove one"));
        }
    }
    if model.key.is_none() && !model.key_misread {
        for apply in model.applies.iter().filter(|apply| apply.keys.is_none()) {
            cx.error(
                &apply.method,
                "nothing says which document this event concerns: write `#[apply(key = field)]` here, or `#[projection(key = field)]` for all",
            );
        }
    }
}
