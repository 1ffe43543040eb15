//! Generics, which registration cannot serve: a stored name stands for one Rust type.

use quote::ToTokens;
use syn::Generics;

use crate::ctxt::Ctxt;

/// Refuses parameters and where-clauses. `why` says that and names the alternative.
pub(crate) fn refuse(cx: &Ctxt, generics: &Generics, why: &str) {
    if !generics.params.is_empty() {
        cx.error(generics.params.to_token_stream(), why);
    } else if let Some(clause) = &generics.where_clause {
        cx.error(clause, why);
    }
}
