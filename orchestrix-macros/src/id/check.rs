//! The rules that look at more than one attribute.

use syn::DeriveInput;

use crate::ctxt::Ctxt;
use crate::generics;

pub(super) fn check(cx: &Ctxt, input: &DeriveInput) {
    generics::refuse(
        cx,
        &input.generics,
        "ids cannot be generic: write one struct for each kind of thing, so that their ids cannot be mixed up",
    );
}
