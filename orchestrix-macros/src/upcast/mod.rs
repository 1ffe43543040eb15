//! `#[upcast]`: a function that brings an event from one schema version to the next.

mod check;
mod expand;
mod model;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ctxt::Ctxt;
use crate::fallback;

pub(crate) fn attribute(args: TokenStream, item: TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let upcast = model::read(&cx, args, item.clone());
    if let Some(upcast) = &upcast {
        check::check(&cx, upcast);
    }
    let generated = upcast.as_ref().and_then(expand::expand);
    match cx.finish() {
        Ok(()) => quote!(#item #generated),
        Err(mistakes) => fallback::item_and_errors(item, &[], mistakes),
    }
}
