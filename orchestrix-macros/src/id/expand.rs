//! From the model to tokens.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Generics;
use syn::spanned::Spanned;

use super::model::Id;
use crate::fallback::StubImpl;

pub(super) fn expand(id: &Id) -> TokenStream {
    let Id {
        ident,
        runtime,
        inner,
    } = id;
    let Some(inner) = inner else {
        // Never expanded: it is a mistake.
        return TokenStream::new();
    };
    let [f, text, to, from, value] = ["__f", "__text", "__to", "__from", "__value"]
        .map(|name| Ident::new(name, Span::mixed_site()));
    // All calls stand at the inner type, where a bound that does not hold is then reported.
    let at = inner.span();
    let shown = runtime.shown_at(at);
    let display = quote_spanned!(at=> #shown::std::fmt::Display::fmt(&self.0, #f));
    let error = quote_spanned!(at=> <#inner as #shown::std::str::FromStr>::Err);
    let parse = quote_spanned!(at=> <#inner as #shown::std::str::FromStr>::from_str(#text));
    let key = quote_spanned!(at=> #shown::Key::to_key(&self.0));
    let write_key = quote_spanned!(at=> #shown::Key::write_key(&self.0, #to));
    let serialize = quote_spanned!(at=> #shown::serde::Serialize::serialize(&self.0, #to));
    let deserialize =
        quote_spanned!(at=> <#inner as #shown::serde::Deserialize>::deserialize(#from));
    let result = quote!(#runtime::std::result::Result);
    quote! {
        #[allow(deprecated)]
        const _: () = {
            #[automatically_derived]
            impl #runtime::std::convert::From<#inner> for #ident {
                fn from(#value: #inner) -> Self {
                    Self(#value)
                }
            }

            #[automatically_derived]
            impl #runtime::std::fmt::Display for #ident {
                fn fmt(&self, #f: &mut #runtime::std::fmt::Formatter<'_>) -> #runtime::std::fmt::Result {
                    #display
                }
            }

            #[automatically_derived]
            impl #runtime::std::str::FromStr for #ident {
                type Err = #error;

                fn from_str(#text: &#runtime::std::primitive::str) -> #result<Self, Self::Err> {
                    #result::map(#parse, Self)
                }
            }

            #[automatically_derived]
            impl #runtime::Key for #ident {
                fn to_key(&self) -> #runtime::std::string::String {
                    #key
                }
                fn write_key(&self, #to: &mut #runtime::std::string::String) {
                    #write_key
                }
            }

            // The lifetime keeps the bound from being asked before somebody wants an index: an inner type may be a key only.
            #[automatically_derived]
            impl #runtime::IndexValue for #ident
            where
                for<'__index> #inner: #runtime::IndexValue,
            {
                const KIND: #runtime::IndexKind = <#inner as #runtime::IndexValue>::KIND;

                fn encode(&self, #to: &mut #runtime::std::vec::Vec<#runtime::std::primitive::u8>) {
                    #runtime::IndexValue::encode(&self.0, #to)
                }
            }

            #[automatically_derived]
            impl #runtime::serde::Serialize for #ident {
                fn serialize<__S: #runtime::serde::Serializer>(&self, #to: __S) -> #result<__S::Ok, __S::Error> {
                    #serialize
                }
            }

            #[automatically_derived]
            impl<'de> #runtime::serde::Deserialize<'de> for #ident {
                fn deserialize<__D: #runtime::serde::Deserializer<'de>>(#from: __D) -> #result<Self, __D::Error> {
                    #result::map(#deserialize, Self)
                }
            }
        };
    }
}

/// Impls that let the rest of the user's code be checked while the derive has mistakes.
pub(super) fn stub(id: &Id, generics: &Generics) -> TokenStream {
    let Id { ident, runtime, .. } = id;
    let stub = StubImpl::new(ident, generics);
    let none = quote!(#runtime::std::marker::Sized);
    let result = quote!(#runtime::std::result::Result);
    let display = stub.implement(
        &quote!(#runtime::std::fmt::Display),
        &none,
        &quote! {
            fn fmt(&self, _: &mut #runtime::std::fmt::Formatter<'_>) -> #runtime::std::fmt::Result {
                #runtime::std::unreachable!()
            }
        },
    );
    let from_str = stub.implement(
        &quote!(#runtime::std::str::FromStr),
        &none,
        &quote! {
            type Err = #runtime::std::convert::Infallible;
            fn from_str(_: &#runtime::std::primitive::str) -> #result<Self, Self::Err> {
                #runtime::std::unreachable!()
            }
        },
    );
    let key = stub.implement(
        &quote!(#runtime::Key),
        &none,
        &quote! {
            fn to_key(&self) -> #runtime::std::string::String {
                #runtime::std::unreachable!()
            }
        },
    );
    let serialize = stub.implement(
        &quote!(#runtime::serde::Serialize),
        &none,
        &quote! {
            fn serialize<__S: #runtime::serde::Serializer>(&self, _: __S) -> #result<__S::Ok, __S::Error> {
                #runtime::std::unreachable!()
            }
        },
    );
    let deserialize = generics.params.is_empty().then(|| {
        quote! {
            #[automatically_derived]
            impl<'de> #runtime::serde::Deserialize<'de> for #ident {
                fn deserialize<__D: #runtime::serde::Deserializer<'de>>(_: __D) -> #result<Self, __D::Error> {
                    #runtime::std::unreachable!()
                }
            }
        }
    });
    quote!(#display #from_str #key #serialize #deserialize)
}
