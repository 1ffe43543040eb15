//! From the model to tokens.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Generics, Member};

use super::model::{Command, Field, Shape};
use crate::fallback::StubImpl;
use crate::runtime::Runtime;

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
    let copies = fields.iter().map(|field| {
        let member = &field.member;
        let copy = at_type(
            runtime,
            field,
            |at| quote_spanned!(at=> std::clone::Clone::clone),
        );
        quote!(#member: #copy)
    });
    let key = fields.iter().find(|field| !field.ids.is_empty());
    let key = key.map(|field| at_type(runtime, field, |at| quote_spanned!(at=> Key::to_key)));
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

/// A call with a field, shown at the field's type: there a bound that does not hold is then reported.
fn at_type(runtime: &Runtime, field: &Field, function: fn(Span) -> TokenStream) -> TokenStream {
    let span = field.ty.span();
    let shown = runtime.shown_at(span);
    let function = function(span);
    let mut member = field.member.clone();
    if let Member::Named(name) = &mut member {
        name.set_span(name.span().located_at(span));
    }
    quote_spanned!(span=> #shown::#function(&self.#member))
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
