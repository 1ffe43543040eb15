//! What the user tells serde about an enum, as far as it decides how variants are stored.

use proc_macro2::{Ident, TokenTree};
use syn::{Attribute, Meta};

/// The keys in all `#[serde(..)]` of an item. What serde does not understand is left to serde.
pub(super) fn keys(attrs: &[Attribute]) -> Vec<Ident> {
    let mut keys = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        let Meta::List(list) = &attr.meta else {
            continue;
        };
        let mut begins = true;
        for token in list.tokens.clone() {
            match token {
                TokenTree::Ident(key) if begins => keys.push(key),
                TokenTree::Punct(punct) if punct.as_char() == ',' => {
                    begins = true;
                    continue;
                }
                _ => {}
            }
            begins = false;
        }
    }
    keys
}
