//! `#[derive(Id)]`: a newtype that names an instance.

mod check;
mod expand;
mod model;

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
    let id = model::read(&cx, &input);
    check::check(&cx, &input);
    match cx.finish() {
        Ok(()) => expand::expand(&id),
        Err(mistakes) => {
            let stub = expand::stub(&id, &input.generics);
            quote!(#stub #mistakes)
        }
    }
}
