//! From the model to tokens: what stands beside the user's function.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::model::{Upcast, is_named};

/// Nothing where the types are missing, which is reported already.
pub(super) fn expand(upcast: &Upcast) -> Option<TokenStream> {
    let (old, new) = upcast.types.as_ref()?;
    let checked_impl = match (&upcast.event, upcast.from) {
        (Some(event), Some((from, from_span))) => on_json(upcast, new, event, from, from_span),
        _ => between_types(upcast, old, new),
    };
    let cfgs = &upcast.cfgs;
    Some(quote! {
        #(#cfgs)*
        #[allow(deprecated)]
        const _: () = {
            #checked_impl
        };
    })
}

fn between_types(upcast: &Upcast, old: &Type, new: &Type) -> TokenStream {
    let Upcast {
        runtime, signature, ..
    } = upcast;
    let function = &signature.ident;
    let [into, stored] = locals();
    // At the new type, where the runtime's check of both is then reported.
    let shown = runtime.shown_at(new.span());
    let version = quote_spanned!(new.span()=> #shown::version_below::<#old, #new>());
    quote! {
        #[automatically_derived]
        impl #runtime::UpcastFrom<{ #version }> for #new {
            fn hops(#into: &mut #runtime::std::vec::Vec<#runtime::Hop>) {
                #runtime::push_hop_between::<#old>(
                    #into,
                    |#stored| #runtime::hop_between::<#old, #new>(#stored, #function),
                );
            }
        }
    }
}

fn on_json(upcast: &Upcast, new: &Type, event: &Type, from: u32, from_span: Span) -> TokenStream {
    let Upcast {
        runtime, signature, ..
    } = upcast;
    let function = &signature.ident;
    let [into, stored] = locals();
    let version = Literal::u32_unsuffixed(from);
    // At the version, where the runtime's check of it, or a missing upcaster from below, is then reported.
    let shown = runtime.shown_at(from_span);
    let checked = quote_spanned!(from_span=> #shown::json_version::<#event>(#version));
    let older = (from > 1).then(|| {
        let older = Literal::u32_unsuffixed(from - 1);
        quote_spanned!(from_span=> <Self as #shown::UpcastFrom<#older>>::hops(#into);)
    });
    let hop = match is_named(new, "Result") {
        true => quote!(fallible_json_hop),
        false => quote!(json_hop),
    };
    quote! {
        #[automatically_derived]
        impl #runtime::UpcastFrom<{ #checked }> for #event {
            fn hops(#into: &mut #runtime::std::vec::Vec<#runtime::Hop>) {
                #older
                #runtime::std::vec::Vec::push(
                    #into,
                    #runtime::Hop::new(#version, |#stored| #runtime::#hop(#stored, #function)),
                );
            }
        }
    }
}

/// Local names. They are prefixed because the name of a constant or a unit struct in scope would not be a binding.
fn locals() -> [Ident; 2] {
    ["__into", "__stored"].map(|name| Ident::new(name, Span::mixed_site()))
}
