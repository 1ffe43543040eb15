//! What looks at more than one part.

use quote::ToTokens;
use syn::Type;

use super::model::Module;
use crate::argument;
use crate::ctxt::Ctxt;

/// All rules.
pub(super) fn all(cx: &Ctxt, model: &Module) {
    listed_once(cx, "aggregates", &model.aggregates);
    listed_once(cx, "projections", &model.projections);
    listed_once(cx, "tables", &model.tables);
    listed_once(cx, "sagas", &model.sagas);
    let commands = model
        .command_handlers
        .iter()
        .map(|handler| (&handler.command, &handler.cfgs[..]));
    argument::check_commands(cx, commands);
}

fn listed_once(cx: &Ctxt, key: &str, parts: &[Type]) {
    let mut seen = Vec::new();
    for part in parts {
        let text = part.to_token_stream().to_string();
        if seen.contains(&text) {
            cx.error(
                part,
                format!("`{text}` is listed twice in `{key}(..)`: remove one"),
            );
        }
        seen.push(text);
    }
}
