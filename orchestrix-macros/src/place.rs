//! Tokens at another place: types outside of their impl block, variables at the user's tokens.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Type;

/// Generated code, shown at the user's place: errors about it point there.
pub(crate) fn generated_at(place: Span) -> Span {
    Span::call_site().located_at(place)
}

/// A variable of generated code that is resolved where `of` is, shown at the user's place.
pub(crate) fn variable(name: &str, of: Span, place: Span) -> Ident {
    Ident::new(name, of.located_at(place))
}

/// Whether both are written alike, or the first is `Self`.
pub(crate) fn is_self(ty: &Type, self_ty: &Type) -> bool {
    let text = ty.to_token_stream().to_string();
    text == quote!(Self).to_string() || text == self_ty.to_token_stream().to_string()
}

/// A type as code outside of the impl block writes it: `Self` is replaced by the block's type.
pub(crate) fn outside(ty: &Type, self_ty: &Type) -> TokenStream {
    without_self(ty.to_token_stream(), self_ty)
}

fn without_self(tokens: TokenStream, self_ty: &Type) -> TokenStream {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Ident(word) if word == "Self" => located(self_ty, word.span()),
            TokenTree::Group(group) => {
                let mut new = Group::new(group.delimiter(), without_self(group.stream(), self_ty));
                new.set_span(group.span());
                TokenTree::Group(new).into()
            }
            token => token.into(),
        })
        .collect()
}

/// The same tokens, shown at another place.
pub(crate) fn located(tokens: &impl ToTokens, place: Span) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.to_token_stream().into_iter().collect();
    for token in &mut tokens {
        let span = match token {
            // What `$crate` stands for depends on where it comes from.
            TokenTree::Ident(word) if *word == "$crate" => word.span().located_at(place),
            _ => place,
        };
        token.set_span(span);
    }
    tokens.into_iter().collect()
}
