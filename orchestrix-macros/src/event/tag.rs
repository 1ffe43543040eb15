//! `#[tag]`: the fields that say what an event is about.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Fields, Member, Meta, Type};

use super::model::Variant;
use crate::attr::{self, Key};
use crate::ctxt::Ctxt;
use crate::names;
use crate::runtime::Runtime;

const KEYS: &[Key] = &[Key::value(
    "name",
    "the tag's name as text",
    "name = \"course\"",
)];

/// A field with `#[tag]`.
pub(super) struct Tagged {
    member: Member,
    ty: Type,
    name: String,
    /// The second `#[tag]` and those behind it.
    pub(super) again: Vec<Meta>,
}

/// The fields with `#[tag]`. A field whose tag has no name, which is reported, is left out.
pub(super) fn read(cx: &Ctxt, fields: &Fields) -> Vec<Tagged> {
    let field = |(member, field): (Member, &syn::Field)| {
        let mut tags = field
            .attrs
            .iter()
            .filter(|attr| attr.path().is_ident("tag"));
        let name = name(cx, tags.next()?, &member)?;
        Some(Tagged {
            member,
            ty: field.ty.clone(),
            name,
            again: tags.map(|attr| attr.meta.clone()).collect(),
        })
    };
    fields.members().zip(fields).filter_map(field).collect()
}

/// The tag's name: what the attribute says, else the field's.
fn name(cx: &Ctxt, attr: &Attribute, member: &Member) -> Option<String> {
    let args = attr::of_helper(cx, "tag", KEYS, attr);
    if args.key("name").is_some() {
        let name = args.name(cx, "name")?;
        if name.value().contains(':') {
            cx.error(
                &name,
                "a tag's name cannot hold a colon, which stands between it and the value: remove it",
            );
            return None;
        }
        return Some(name.value());
    }
    match member {
        Member::Named(field) => Some(names::plain(field)),
        Member::Unnamed(_) => {
            let says_nothing = match &attr.meta {
                Meta::Path(_) => true,
                Meta::List(list) => list.tokens.is_empty(),
                // Reported already, as is what a list says that is no name.
                Meta::NameValue(_) => false,
            };
            if says_nothing {
                cx.error(
                    &attr.meta,
                    "the field has no name that its tag could have: write `#[tag(name = \"..\")]`",
                );
            }
            None
        }
    }
}

/// `Event::tags` of a struct; nothing where no field is marked.
pub(super) fn expand_struct(runtime: &Runtime, tagged: &[Tagged]) -> Option<TokenStream> {
    let tags = Ident::new("__tags", Span::mixed_site());
    let (fields, pushes) = bound(runtime, tagged, &tags);
    let body = quote! {
        let Self { #fields .. } = self;
        #pushes
    };
    (!tagged.is_empty()).then(|| method(runtime, &tags, &body))
}

/// `Event::tags` of an enum; nothing where no field of any variant is marked.
pub(super) fn expand_enum(runtime: &Runtime, variants: &[Variant]) -> Option<TokenStream> {
    let tags = Ident::new("__tags", Span::mixed_site());
    let arms = variants.iter().map(|variant| {
        let (fields, pushes) = bound(runtime, &variant.tagged, &tags);
        let ident = &variant.ident;
        quote!(Self::#ident { #fields .. } => { #pushes })
    });
    let body = quote! {
        match self {
            #(#arms)*
        }
    };
    let has_tags = variants.iter().any(|variant| !variant.tagged.is_empty());
    has_tags.then(|| method(runtime, &tags, &body))
}

/// The fields of a pattern, and what is done with each.
fn bound(runtime: &Runtime, tagged: &[Tagged], tags: &Ident) -> (TokenStream, TokenStream) {
    let mut fields = TokenStream::new();
    let mut pushes = TokenStream::new();
    for (
        n,
        Tagged {
            member, ty, name, ..
        },
    ) in tagged.iter().enumerate()
    {
        // At the type, where one that is no key is then reported.
        let span = ty.span();
        let shown = runtime.shown_at(span);
        let value = format_ident!("__tag_{n}", span = Span::mixed_site().located_at(span));
        let push = quote_spanned!(span=> TagValue::push_tags);
        fields.extend(quote!(#member: #value,));
        pushes.extend(quote!(#shown::#push(#value, #name, &mut #tags)?;));
    }
    (fields, pushes)
}

fn method(runtime: &Runtime, tags: &Ident, body: &TokenStream) -> TokenStream {
    quote! {
        fn tags(
            &self,
        ) -> #runtime::std::result::Result<#runtime::std::vec::Vec<#runtime::Tag>, #runtime::NameError> {
            let mut #tags = #runtime::std::vec::Vec::new();
            #body
            #runtime::std::result::Result::Ok(#tags)
        }
    }
}
