//! `#[saga]` on reactions: `#[on]`, `#[timer]` and `#[rejected]` methods instead of steps.

mod check;
mod expand;
mod method;
mod model;

use proc_macro2::TokenStream;

use crate::ctxt::Ctxt;
use crate::fallback;
use crate::impl_block::ImplBlock;

/// The markers that steps have nothing to do with.
pub(super) const OWN_MARKERS: &[&str] = &["on", "timer", "rejected"];

/// All that a block of either style may hold, so that each can be refused where it does not belong.
pub(super) const ALL_MARKERS: &[&str] =
    &["start", "step", "compensation", "on", "timer", "rejected"];

/// Whether a block holds reactions; one that cannot be read does not.
pub(super) fn are_in(item: &TokenStream) -> bool {
    let Ok(block) = syn::parse2::<ImplBlock>(item.clone()) else {
        return false;
    };
    let mut attrs = block.methods.iter().flat_map(|method| &method.attrs);
    attrs.any(|attr| OWN_MARKERS.iter().any(|own| attr.path().is_ident(own)))
}

pub(super) fn attribute(args: TokenStream, item: TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let model = model::Reactions::read(&cx, args, item.clone());
    if let Some(model) = &model {
        check::all(&cx, model);
    }
    match (cx.finish(), model) {
        (Ok(()), Some(model)) => {
            let mut tokens = fallback::without_helpers(item, ALL_MARKERS);
            tokens.extend(expand::saga(&model));
            tokens
        }
        (Ok(()), None) => fallback::without_helpers(item, ALL_MARKERS),
        (Err(mistakes), model) => {
            let mut tokens = fallback::item_and_errors(item, ALL_MARKERS, mistakes);
            // So that nothing else is said than the mistakes: modules name it as a saga, and that it is meant to be.
            tokens.extend(model.map(|model| expand::saga(&model.without_parts())));
            tokens
        }
    }
}
