//! The path to the runtime crate, by which generated code names everything.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Path;

/// `::orchestrix::__private`, or the same below what `crate = path` says.
#[derive(Clone, Default)]
pub(crate) struct Runtime {
    root: Option<Path>,
}

impl Runtime {
    /// Below the user's path.
    pub(crate) fn at(root: Path) -> Self {
        Self { root: Some(root) }
    }
}

impl ToTokens for Runtime {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match &self.root {
            Some(root) => quote!(#root::__private),
            None => quote!(::orchestrix::__private),
        });
    }
}
