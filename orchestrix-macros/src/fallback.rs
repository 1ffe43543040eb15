//! What is emitted beside errors, so that the editor and the rest of the user's code stay of use.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Generics, WherePredicate};

/// The user's item as it is, without the helper attributes that an outer attribute macro owns (`#[handle]`, ..): those
/// on the item's direct members. Works on tokens, so that an item which is half typed survives too.
pub(crate) fn without_helpers(item: TokenStream, helpers: &[&str]) -> TokenStream {
    item.into_iter()
        .map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                regrouped(&group, stripped(group.stream(), helpers))
            }
            // An item that comes whole out of another macro is in a group without delimiters.
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                regrouped(&group, without_helpers(group.stream(), helpers))
            }
            token => token,
        })
        .collect()
}

/// The user's item without helpers, and the errors.
pub(crate) fn item_and_errors(
    item: TokenStream,
    helpers: &[&str],
    errors: impl ToTokens,
) -> TokenStream {
    let mut tokens = without_helpers(item, helpers);
    errors.to_tokens(&mut tokens);
    tokens
}

fn stripped(members: TokenStream, helpers: &[&str]) -> TokenStream {
    let mut kept = Vec::new();
    let mut members = members.into_iter().peekable();
    while let Some(token) = members.next() {
        let begins = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        let helper =
            |next: &TokenTree| matches!(next, TokenTree::Group(group) if is_helper(group, helpers));
        if begins && members.next_if(helper).is_some() {
            continue;
        }
        kept.push(match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                regrouped(&group, stripped(group.stream(), helpers))
            }
            token => token,
        });
    }
    kept.into_iter().collect()
}

fn is_helper(group: &Group, helpers: &[&str]) -> bool {
    let mut tokens = group.stream().into_iter();
    let named = match tokens.next() {
        Some(TokenTree::Ident(name)) => helpers.iter().any(|helper| name == helper),
        _ => false,
    };
    // `#[handle]` and `#[handle(..)]` are ours, `#[handle::other]` is not.
    let ours = !matches!(tokens.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    group.delimiter() == Delimiter::Bracket && named && ours
}

fn regrouped(group: &Group, stream: TokenStream) -> TokenTree {
    let mut new = Group::new(group.delimiter(), stream);
    new.set_span(group.span());
    TokenTree::Group(new)
}

/// Implements traits for a type whose derive has mistakes.
pub(crate) struct StubImpl<'a> {
    ident: &'a Ident,
    generics: &'a Generics,
}

impl<'a> StubImpl<'a> {
    pub(crate) fn new(ident: &'a Ident, generics: &'a Generics) -> Self {
        Self { ident, generics }
    }

    /// An impl of one trait. `bounds` are what the trait itself asks of a type: where the type has parameters, the stub
    /// presumes them, because an error about them would hide the mistake itself.
    pub(crate) fn implement(
        &self,
        of: &TokenStream,
        bounds: &TokenStream,
        members: &TokenStream,
    ) -> TokenStream {
        let Self { ident, generics } = self;
        let mut generics = (*generics).clone();
        if !generics.params.is_empty() {
            let presumed: Option<WherePredicate> = syn::parse2(quote!(Self: #bounds)).ok();
            generics.make_where_clause().predicates.extend(presumed);
        }
        let (parameters, arguments, clause) = generics.split_for_impl();
        quote! {
            #[automatically_derived]
            impl #parameters #of for #ident #arguments #clause { #members }
        }
    }
}

#[cfg(test)]
mod tests;
