//! From the model to tokens.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Generics;
use syn::spanned::Spanned;

use super::model::{Command, Shape};
use crate::fallback::StubImpl;

pub(super) fn expand(command: &Command) -> TokenStream {
    let Command {
        ident,
        runtime,
        name,
        shape,
        ..
    } = command;
    let Shape::Struct(fields) = shape else {
        // Never expanded: it is a mistake.
        return TokenStream::new();
    };
    // Both calls stand at the field's type, where a bound that does not hold is then reported.
    let copies = fields.iter().map(|field| {
        let member = &field.member;
        let copy =
            quote_spanned!(field.ty.span()=> #runtime::std::clone::Clone::clone(&self.#member));
        quote!(#member: #copy)
    });
    let key = fields
        .iter()
        .find(|field| !field.ids.is_empty())
        .map(|field| {
            let member = &field.member;
            quote_spanned!(field.ty.span()=> #runtime::Key::to_key(&self.#member))
        });
    let stream_command = key.map(|key| {
        quote! {
            #[automatically_derived]
            impl #runtime::StreamCommand for #ident {
                fn stream_key(&self) -> #runtime::std::string::String {
                    #key
                }
            }
        }
    });
    quote! {
        #[allow(deprecated)]
        const _: () = {
            #[automatically_derived]
            impl #runtime::Command for #ident {
                const NAME: &'static #runtime::std::primitive::str = #name;

                fn duplicate(&self) -> Self {
                    Self { #(#copies),* }
                }
            }

            #stream_command
        };
    }
}

/// Impls that let the rest of the user's code be checked while the derive has mistakes.
pub(super) fn stub(command: &Command, generics: &Generics) -> TokenStream {
    let Command {
        ident,
        runtime,
        name,
        no_id,
        ..
    } = command;
    let stub = StubImpl::new(ident, generics);
    let bounds = quote!(#runtime::std::marker::Send + #runtime::std::marker::Sync + 'static);
    let command = stub.implement(
        &quote!(#runtime::Command),
        &bounds,
        &quote! {
            const NAME: &'static #runtime::std::primitive::str = #name;
            fn duplicate(&self) -> Self {
                #runtime::std::unreachable!()
            }
        },
    );
    let stream_command = (!no_id).then(|| {
        stub.implement(
            &quote!(#runtime::StreamCommand),
            &bounds,
            &quote! {
                fn stream_key(&self) -> #runtime::std::string::String {
                    #runtime::std::unreachable!()
                }
            },
        )
    });
    quote!(#command #stream_command)
}
