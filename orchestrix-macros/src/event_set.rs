//! The enum over several event types that `#[aggregate]`, `#[projection]` and `#[saga]` generate, and its `Event` impl.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Attribute;
use syn::spanned::Spanned;

use crate::argument::EventArgument;
use crate::runtime::Runtime;

/// The enum.
pub(crate) struct EventSet<'a> {
    pub(crate) name: &'a Ident,
    /// Whose events they are, for its documentation.
    pub(crate) owner: String,
    pub(crate) runtime: &'a Runtime,
    pub(crate) members: Vec<Member<'a>>,
}

/// A variant.
pub(crate) struct Member<'a> {
    pub(crate) event: &'a EventArgument,
    pub(crate) cfgs: &'a [Attribute],
}

impl EventSet<'_> {
    /// The enum and its `Debug` and `Event` impls.
    pub(crate) fn expand(&self) -> TokenStream {
        let Self { name, runtime, .. } = self;
        let about = format!("`{}`'s events.", self.owner);
        let variants = self.members.iter().map(|Member { event, cfgs }| {
            let EventArgument { ty, name } = event;
            let about = format!("`{name}`.");
            quote!(#(#cfgs)* #[doc = #about] #name(#ty))
        });
        let event = self.event();
        quote! {
            #[doc = #about]
            #[allow(private_interfaces, unreachable_pub, clippy::large_enum_variant)]
            pub enum #name { #(#variants),* }

            #[automatically_derived]
            impl #runtime::std::fmt::Debug for #name {
                fn fmt(&self, __f: &mut #runtime::std::fmt::Formatter<'_>) -> #runtime::std::fmt::Result {
                    __f.write_str(#runtime::Event::event_type(self).name())
                }
            }

            #event
        }
    }

    fn event(&self) -> TokenStream {
        let Self {
            name,
            runtime,
            members,
            ..
        } = self;
        let of_each = |act: &dyn Fn(&EventArgument, TokenStream) -> TokenStream| -> TokenStream {
            let each = |Member { event, cfgs }: &Member<'_>| {
                let ty = &event.ty;
                let event_of = quote_spanned!(ty.span()=> <#ty as #runtime::Event>);
                let action = act(event, event_of);
                quote!(#(#cfgs)* #action)
            };
            members.iter().map(each).collect()
        };
        let types = of_each(&|_, event| quote!(#event::types(),));
        let event_types = of_each(
            &|EventArgument { name: variant, .. }, event| quote!(#name::#variant(ref __event) => #event::event_type(__event),),
        );
        let encodings = of_each(
            &|EventArgument { name: variant, .. }, event| quote!(#name::#variant(ref __event) => #event::encode(__event),),
        );
        let tags = of_each(
            &|EventArgument { name: variant, .. }, event| quote!(#name::#variant(ref __event) => #event::tags(__event),),
        );
        let decodings = of_each(&|EventArgument { name: variant, .. }, event| {
            quote! {
                if let #runtime::std::option::Option::Some(__decoded) = #event::decode(__event) {
                    return #runtime::std::option::Option::Some(__decoded.map(#name::#variant));
                }
            }
        });
        quote! {
            #[automatically_derived]
            impl #runtime::Event for #name {
                fn types() -> #runtime::std::vec::Vec<&'static #runtime::EventType> {
                    #runtime::all_types([#types])
                }
                fn event_type(&self) -> &'static #runtime::EventType {
                    match *self { #event_types }
                }
                fn encode(&self) -> #runtime::std::result::Result<#runtime::Payload, #runtime::JsonError> {
                    match *self { #encodings }
                }
                fn tags(
                    &self,
                ) -> #runtime::std::result::Result<#runtime::std::vec::Vec<#runtime::Tag>, #runtime::NameError> {
                    match *self { #tags }
                }
                fn decode(
                    __event: &#runtime::EventData,
                ) -> #runtime::std::option::Option<#runtime::std::result::Result<Self, #runtime::DecodeError>> {
                    #decodings
                    #runtime::std::option::Option::None
                }
            }
        }
    }
}

/// A condition on the configuration: whether any of some methods is compiled in.
pub(crate) enum Compiled {
    Always,
    Never,
    /// The inside of a `#[cfg(..)]`.
    Under(TokenStream),
}

impl Compiled {
    /// Of methods with these `#[cfg]`s.
    pub(crate) fn any<'a>(methods: impl IntoIterator<Item = &'a [Attribute]>) -> Self {
        let mut conditions = Vec::new();
        for cfgs in methods {
            if cfgs.is_empty() {
                return Compiled::Always;
            }
            let inside = cfgs
                .iter()
                .filter_map(|cfg| cfg.meta.require_list().ok())
                .map(|list| &list.tokens);
            conditions.push(quote!(all(#(#inside),*)));
        }
        match conditions.is_empty() {
            true => Compiled::Never,
            false => Compiled::Under(quote!(any(#(#conditions),*))),
        }
    }

    /// One of two expressions.
    pub(crate) fn choose(&self, then: impl ToTokens, otherwise: impl ToTokens) -> TokenStream {
        match self {
            Compiled::Always => then.to_token_stream(),
            Compiled::Never => otherwise.to_token_stream(),
            Compiled::Under(condition) => quote! {{
                #[cfg(#condition)] { #then }
                #[cfg(not(#condition))] { #otherwise }
            }},
        }
    }
}

/// The name of the enum for a type, unless the user gave one.
pub(crate) fn default_name(owner: &Ident) -> Ident {
    format_ident!("{owner}Event")
}
