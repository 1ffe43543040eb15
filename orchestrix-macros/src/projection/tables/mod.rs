//! `#[projection(store = TheStore)]`: `async fn` methods that write tables of their own.

mod check;
mod expand;
mod model;

use proc_macro2::TokenStream;

use super::MARKERS;
use crate::attr::Args;
use crate::ctxt::Ctxt;
use crate::fallback;

pub(super) fn attribute(cx: Ctxt, args: &Args, item: TokenStream) -> TokenStream {
    let model = model::Tables::read(&cx, args, item.clone());
    if let Some(model) = &model {
        check::all(&cx, args, model);
    }
    match (cx.finish(), model) {
        (Ok(()), Some(model)) => {
            let mut tokens = fallback::without_helpers(item, MARKERS);
            tokens.extend(expand::tables(&model));
            tokens
        }
        (Ok(()), None) => fallback::without_helpers(item, MARKERS),
        (Err(mistakes), _) => fallback::item_and_errors(item, MARKERS, mistakes),
    }
}
