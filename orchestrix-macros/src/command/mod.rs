//! `#[derive(Command)]`: a command's name, its copy, and the stream it is for.

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
    let command = model::read(&cx, &input);
    check::check(&cx, &input, &command);
    match cx.finish() {
        Ok(()) => expand::expand(&command),
        Err(mistakes) => {
            let stub = expand::stub(&command, &input.generics);
            quote!(#stub #mistakes)
        }
    }
}
