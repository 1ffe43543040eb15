//! `#[saga]`

mod arguments;
mod check;
mod check_arguments;
mod duration;
mod expand;
mod expand_steps;
mod graph;
mod head;
mod model;
mod part;
mod reactions;

use proc_macro2::TokenStream;

use crate::ctxt::Ctxt;
use crate::fallback;

/// The attributes of methods that the block owns.
const MARKERS: &[&str] = &["start", "step", "compensation"];

pub(crate) fn attribute(args: TokenStream, item: TokenStream) -> TokenStream {
    if reactions::are_in(&item) {
        return reactions::attribute(args, item);
    }
    let cx = Ctxt::new();
    let model = model::Saga::read(&cx, args, item.clone());
    if let Some(model) = &model {
        check::all(&cx, model);
    }
    match (cx.finish(), model) {
        (Ok(()), Some(model)) => {
            let mut tokens = fallback::without_helpers(item, MARKERS);
            tokens.extend(expand::saga(&model));
            tokens
        }
        (Ok(()), None) => fallback::without_helpers(item, MARKERS),
        (Err(mistakes), model) => {
            let mut tokens = fallback::item_and_errors(item, reactions::ALL_MARKERS, mistakes);
            // So that nothing else is said than the mistakes: modules name it as a saga, and that it is meant to be.
            tokens.extend(model.map(|model| expand::saga(&model.without_parts())));
            tokens
        }
    }
}

#[cfg(test)]
mod tests;
