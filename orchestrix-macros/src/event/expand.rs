//! From the model to tokens.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Generics;
use syn::spanned::Spanned;

use super::model::{Event, Shape, Stored, Variant};
use super::tag::{self, Tagged};
use crate::fallback;

pub(super) fn expand(event: &Event) -> TokenStream {
    match &event.shape {
        Shape::Struct(stored, tagged) => expand_struct(event, stored, tagged),
        Shape::Enum(variants) => expand_enum(event, variants),
        // Never expanded: it is a mistake.
        Shape::Union => TokenStream::new(),
    }
}

fn expand_struct(event: &Event, stored: &Stored, tagged: &[Tagged]) -> TokenStream {
    let Event { ident, runtime, .. } = event;
    let Stored { name, version, .. } = stored;
    let [into, data] = locals(["into", "event"]);
    let older = match version - 1 {
        0 => quote!(let _ = #into;),
        older => {
            // At the literal, where a missing upcaster is then reported.
            let span = stored.version_span;
            let older = Literal::u32_unsuffixed(older);
            let shown = runtime.shown_at(span);
            quote_spanned!(span=> <Self as #shown::UpcastFrom<#older>>::hops(#into);)
        }
    };
    let tags = tag::expand_struct(runtime, tagged);
    quote! {
        #[allow(deprecated)]
        const _: () = {
            static __EVENT_TYPE: #runtime::EventType = #runtime::EventType::new(
                #name,
                #version,
                #runtime::std::concat!(#runtime::std::module_path!(), "::", #runtime::std::stringify!(#ident)),
                #runtime::struct_hops::<#ident>,
            );

            #[automatically_derived]
            impl #runtime::EventStruct for #ident {
                const NAME: &'static #runtime::std::primitive::str = #name;
                const SCHEMA_VERSION: #runtime::std::primitive::u32 = #version;

                fn hops(#into: &mut #runtime::std::vec::Vec<#runtime::Hop>) {
                    #older
                }
            }

            #[automatically_derived]
            impl #runtime::Event for #ident {
                fn types() -> #runtime::std::vec::Vec<&'static #runtime::EventType> {
                    #runtime::std::vec![&__EVENT_TYPE]
                }

                fn event_type(&self) -> &'static #runtime::EventType {
                    &__EVENT_TYPE
                }

                fn encode(&self) -> #runtime::std::result::Result<#runtime::Payload, #runtime::JsonError> {
                    #runtime::encode_struct(self)
                }

                #tags

                fn decode(
                    #data: &#runtime::EventData,
                ) -> #runtime::std::option::Option<#runtime::std::result::Result<Self, #runtime::DecodeError>> {
                    #runtime::decode_struct(&__EVENT_TYPE, #data)
                }
            }

            #runtime::auto_register!(__EVENT_TYPE);
        };
    }
}

fn expand_enum(event: &Event, variants: &[Variant]) -> TokenStream {
    let Event { ident, runtime, .. } = event;
    let [data] = locals(["event"]);
    let count = variants.len();
    let types = variants.iter().map(|variant| variant_type(event, variant));
    let references = (0..count)
        .map(Literal::usize_unsuffixed)
        .collect::<Vec<_>>();
    let arms = variants.iter().zip(&references).map(|(variant, index)| {
        let variant = &variant.ident;
        quote!(Self::#variant { .. } => &__EVENT_TYPES[#index])
    });
    let registrations = references
        .iter()
        .map(|index| quote!(#runtime::auto_register!(__EVENT_TYPES[#index]);));
    let tags = tag::expand_enum(runtime, variants);
    quote! {
        #[allow(deprecated)]
        const _: () = {
            static __EVENT_TYPES: [#runtime::EventType; #count] = [#(#types),*];

            #[automatically_derived]
            impl #runtime::EventEnum for #ident {}

            #[automatically_derived]
            impl #runtime::Event for #ident {
                fn types() -> #runtime::std::vec::Vec<&'static #runtime::EventType> {
                    #runtime::std::vec![#(&__EVENT_TYPES[#references]),*]
                }

                fn event_type(&self) -> &'static #runtime::EventType {
                    match self {
                        #(#arms,)*
                    }
                }

                fn encode(&self) -> #runtime::std::result::Result<#runtime::Payload, #runtime::JsonError> {
                    #runtime::encode_enum(self)
                }

                #tags

                fn decode(
                    #data: &#runtime::EventData,
                ) -> #runtime::std::option::Option<#runtime::std::result::Result<Self, #runtime::DecodeError>> {
                    #runtime::decode_enum(&__EVENT_TYPES, #data)
                }
            }

            #(#registrations)*
        };
    }
}

/// The declaration of what a variant is stored as.
fn variant_type(event: &Event, variant: &Variant) -> TokenStream {
    let Event { ident, runtime, .. } = event;
    let Variant {
        ident: variant_ident,
        stored: Stored { name, version, .. },
        upcasters,
        ..
    } = variant;
    let [into, stored] = locals(["into", "stored"]);
    // Empty only where there is a mistake, and then nothing is expanded.
    let upcasters = upcasters.as_deref().unwrap_or_default();
    let hops = upcasters.iter().zip(1_u32..).map(|(upcaster, from)| {
        // At the function, where one of the wrong kind is then reported.
        let span = upcaster.span();
        let shown = runtime.shown_at(span);
        let hop = quote_spanned!(span=> #shown::typed_hop(#stored, #upcaster));
        quote! {
            #runtime::std::vec::Vec::push(#into, #runtime::Hop::new(#from, |#stored| #hop));
        }
    });
    let into = match upcasters.is_empty() {
        true => quote!(_),
        false => quote!(#into),
    };
    quote! {
        #runtime::EventType::new(
            #name,
            #version,
            #runtime::std::concat!(
                #runtime::std::module_path!(), "::", #runtime::std::stringify!(#ident), "::",
                #runtime::std::stringify!(#variant_ident)
            ),
            |#into| { #(#hops)* },
        )
    }
}

/// Local names. They are prefixed because the name of a constant or a unit struct in scope would not be a binding.
fn locals<const N: usize>(names: [&str; N]) -> [Ident; N] {
    names.map(|name| Ident::new(&format!("__{name}"), Span::mixed_site()))
}

/// Impls that let the rest of the user's code be checked while the derive has mistakes.
pub(super) fn stub(event: &Event, generics: &Generics) -> TokenStream {
    let Event {
        ident,
        runtime,
        shape,
    } = event;
    let stub = fallback::StubImpl::new(ident, generics);
    let shared = quote!(#runtime::std::marker::Send + #runtime::std::marker::Sync + 'static);
    let event = stub.implement(
        &quote!(#runtime::Event),
        &shared,
        &quote! {
            fn types() -> #runtime::std::vec::Vec<&'static #runtime::EventType> {
                #runtime::std::vec::Vec::new()
            }
            fn event_type(&self) -> &'static #runtime::EventType {
                #runtime::std::unreachable!()
            }
            fn encode(&self) -> #runtime::std::result::Result<#runtime::Payload, #runtime::JsonError> {
                #runtime::std::unreachable!()
            }
            fn decode(
                _: &#runtime::EventData,
            ) -> #runtime::std::option::Option<#runtime::std::result::Result<Self, #runtime::DecodeError>> {
                #runtime::std::option::Option::None
            }
        },
    );
    let Shape::Struct(Stored { name, version, .. }, _) = shape else {
        return event;
    };
    let event_struct = stub.implement(
        &quote!(#runtime::EventStruct),
        &quote!(#shared + #runtime::serde::Serialize + #runtime::serde::de::DeserializeOwned),
        &quote! {
            const NAME: &'static #runtime::std::primitive::str = #name;
            const SCHEMA_VERSION: #runtime::std::primitive::u32 = #version;
            fn hops(_: &mut #runtime::std::vec::Vec<#runtime::Hop>) {}
        },
    );
    quote!(#event #event_struct)
}
