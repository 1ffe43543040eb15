//! The path to the runtime crate, by which generated code names everything.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Path;

/// `::orchestrix::__private`, or the same below what `crate = path` says.
#[derive(Clone, Default)]
pub(crate) struct Runtime {
    root: Option<Path>,
    place: Option<Span>,
}

impl Runtime {
    /// Below the user's path.
    pub(crate) fn below(root: Path) -> Self {
        Self {
            root: Some(root),
            place: None,
        }
    }

    /// The same path, shown at a place of the user's: errors about what is called by it point there.
    pub(crate) fn shown_at(&self, place: Span) -> Self {
        Self {
            root: self.root.clone(),
            place: Some(place),
        }
    }
}

impl ToTokens for Runtime {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let path = match &self.root {
            Some(root) => quote!(#root::__private),
            None => quote!(::orchestrix::__private),
        };
        tokens.extend(path.into_iter().map(|mut token| {
            if let Some(place) = self.place {
                token.set_span(token.span().located_at(place));
            }
            token
        }));
    }
}
