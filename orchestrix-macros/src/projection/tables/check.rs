//! What looks at more than one method or attribute.

use super::model::{Care, Tables};
use crate::argument;
use crate::attr::Args;
use crate::ctxt::Ctxt;

/// All rules.
pub(super) fn all(cx: &Ctxt, args: &Args, model: &Tables) {
    for key in ["key", "index", "inline"] {
        if let Some(key) = args.key(key) {
            cx.error(
                key,
                format!("a projection with tables of its own has no documents: remove `{key}`"),
            );
        }
    }
    if model.applies.is_empty() && !model.incomplete {
        cx.error(
            &model.self_ty,
            "a projection consumes events: mark a method for each with `#[apply]`, `async fn ..(event: &TheEvent, tx: &mut TheTransaction)`",
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
    one(cx, model, "create", "made", &model.creates);
    one(cx, model, "clear", "emptied", &model.clears);
}

/// There is one method that does it.
fn one(cx: &Ctxt, model: &Tables, marker: &str, done: &str, methods: &[Care]) {
    if methods.is_empty() && !model.incomplete {
        cx.error(
            &model.self_ty,
            format!("nothing says how the tables are {done}: mark a method with `#[{marker}]`, `async fn ..(tx: &mut TheTransaction)`"),
        );
    }
    for method in methods.iter().skip(1) {
        cx.error(
            &method.method,
            format!("the tables are {done} by another method already: remove one `#[{marker}]`"),
        );
    }
}
