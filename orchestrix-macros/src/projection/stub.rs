//! What stands in for a projection that has mistakes, so that nothing else is said than these.

use proc_macro2::TokenStream;
use quote::quote;

use super::model::Projection;

pub(super) fn projection(model: &Projection) -> TokenStream {
    let Projection {
        self_ty,
        name,
        version,
        runtime,
        ..
    } = model;
    quote! {
        #[automatically_derived]
        impl #runtime::Projection for #self_ty {
            const NAME: &'static #runtime::std::primitive::str = #name;
            const VERSION: #runtime::std::primitive::u32 = #version;
            type Event = #runtime::ByHand;
            fn keys(_: &#runtime::ByHand, _: &#runtime::RecordedEvent, _: &mut #runtime::Keys) {}
            fn apply(
                _: &#runtime::ByHand,
                _: &#runtime::RecordedEvent,
                _: &mut #runtime::Documents<'_, Self>,
            ) -> #runtime::std::result::Result<(), #runtime::FoldError> {
                #runtime::std::unreachable!()
            }
        }
    }
}
