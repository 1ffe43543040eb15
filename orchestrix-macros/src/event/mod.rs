//! `#[derive(Event)]`: the stored types of a struct, or of an enum's variants.

mod check;
mod expand;
mod model;
mod serde_attrs;
mod tag;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ctxt::Ctxt;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let cx = Ctxt::new();
    let event = model::read(&cx, &input);
    check::check(&cx, &input, &event);
    match cx.finish() {
        Ok(()) => expand::expand(&event),
        Err(mistakes) => {
            let stub = expand::stub(&event, &input.generics);
            quote!(#stub #mistakes)
        }
    }
}
