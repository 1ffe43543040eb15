//! `#[module]`

mod check;
mod expand;
mod model;
mod stub;

use proc_macro2::TokenStream;

use crate::ctxt::Ctxt;
use crate::fallback;

/// The attributes of methods that an impl block owns.
const MARKERS: &[&str] = &["on", "handle"];

pub(crate) fn attribute(args: TokenStream, item: TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let model = model::Module::read(&cx, args, item.clone());
    if let Some(model) = &model {
        check::all(&cx, model);
    }
    match (cx.finish(), model) {
        (Ok(()), Some(model)) => {
            let mut tokens = fallback::without_helpers(item, MARKERS);
            tokens.extend(expand::module(&model));
            tokens
        }
        (Ok(()), None) => fallback::without_helpers(item, MARKERS),
        (Err(mistakes), model) => {
            let mut tokens = fallback::item_and_errors(item, MARKERS, mistakes);
            tokens.extend(model.map(|model| stub::module(&model)));
            tokens
        }
    }
}

#[cfg(test)]
mod tests;
