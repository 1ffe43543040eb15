//! `#[projection]`

mod check;
mod expand;
mod key;
mod model;
mod stub;
mod tables;

use proc_macro2::TokenStream;

use crate::attr;
use crate::ctxt::Ctxt;
use crate::fallback;

/// The attributes of methods that the block owns.
const MARKERS: &[&str] = &["apply", "create", "clear"];

pub(crate) fn attribute(args: TokenStream, item: TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let args = attr::of_macro(&cx, "projection", model::KEYS, args);
    if args.key("store").is_some() {
        return tables::attribute(cx, &args, item);
    }
    let model = model::Projection::read(&cx, &args, item.clone());
    if let Some(model) = &model {
        check::all(&cx, model);
    }
    match (cx.finish(), model) {
        (Ok(()), Some(model)) => {
            let mut tokens = fallback::without_helpers(item, MARKERS);
            tokens.extend(expand::projection(&model));
            tokens
        }
        (Ok(()), None) => fallback::without_helpers(item, MARKERS),
        (Err(mistakes), model) => {
            let mut tokens = fallback::item_and_errors(item, MARKERS, mistakes);
            tokens.extend(model.map(|model| stub::projection(&model)));
            tokens
        }
    }
}

#[cfg(test)]
mod tests;
