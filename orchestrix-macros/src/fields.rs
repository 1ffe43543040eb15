//! A path of fields of an event, which names a document or an instance.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Expr;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;

use crate::place::{generated_at, located};
use crate::runtime::Runtime;

/// A path of fields, `order.customer`.
pub(crate) struct Fields {
    tokens: TokenStream,
    place: Span,
}

impl Fields {
    /// The key in the event that is called `__event`.
    pub(crate) fn of_event(&self, runtime: &Runtime) -> TokenStream {
        let Self { tokens, place } = self;
        let place = generated_at(*place);
        let runtime = located(runtime, place);
        quote_spanned!(place=> #runtime::FieldKey::of(&__event.#tokens))
    }
}

impl Parse for Fields {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let tokens: TokenStream = input.parse()?;
        let place = tokens.span();
        // Read as Rust reads it, since `0.1` alone would be a number.
        let access: Expr =
            syn::parse2(quote!(__event.#tokens)).map_err(|error| syn::Error::new(place, error))?;
        match is_field(&access) {
            true => Ok(Self { tokens, place }),
            false => Err(syn::Error::new(place, "no fields")),
        }
    }
}

fn is_field(expression: &Expr) -> bool {
    match expression {
        Expr::Field(field) => is_field(&field.base),
        Expr::Path(event) => event.path.is_ident("__event"),
        _ => false,
    }
}
