//! `impl Type { .. }`, the item that attribute macros with marked methods go on.
//!
//! Bodies are not read: they belong to the user, and a half-typed one must not hide the rest.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, ImplItem, Signature, Token, Type, Visibility, braced};

use crate::ctxt::Ctxt;

/// An impl block as it stands.
pub(crate) struct ImplBlock {
    generics: Generics,
    /// The tokens of the trait in `impl Trait for Type`.
    of_trait: Option<TokenStream>,
    pub(crate) self_ty: Type,
    pub(crate) methods: Vec<Method>,
    /// The attributes of members that are no methods.
    others: Vec<Vec<Attribute>>,
}

/// A method, without its body.
pub(crate) struct Method {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) sig: Signature,
}

impl ImplBlock {
    /// The name of the type; reports a block that the macro cannot be on. `generic` says why generics are refused, and
    /// the alternative.
    pub(crate) fn name(&self, cx: &Ctxt, attribute: &str, generic: &str) -> Option<Ident> {
        if let Some(of_trait) = &self.of_trait {
            cx.error(
                of_trait,
                format!(
                    "`#[{attribute}]` goes on the type's own methods, not on the impl of a trait: write `impl {} {{ .. }}`",
                    self.self_ty.to_token_stream()
                ),
            );
            return None;
        }
        crate::generics::refuse(cx, &self.generics, generic);
        let name = last_name(&self.self_ty);
        if name.is_none() {
            cx.error(
                &self.self_ty,
                format!("`#[{attribute}]` goes on the impl block of a type with a name: write `impl TheType {{ .. }}`"),
            );
        }
        name.cloned()
    }

    /// Reports markers on members that are no methods.
    pub(crate) fn check_others(&self, cx: &Ctxt, markers: &[&str]) {
        for attrs in &self.others {
            crate::attr::refuse(cx, markers, attrs, "it goes on a method");
        }
    }
}

/// The last name in a type's path, if it is a path.
pub(crate) fn last_name(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        Type::Group(group) => last_name(&group.elem),
        Type::Paren(paren) => last_name(&paren.elem),
        _ => None,
    }
}

impl Parse for ImplBlock {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        input.parse::<Option<Token![default]>>()?;
        input.parse::<Option<Token![unsafe]>>()?;
        let begin = input.span();
        input.parse::<Token![impl]>().map_err(|_| {
            syn::Error::new(
                begin,
                "this attribute goes on an impl block: write `impl TheType { .. }`",
            )
        })?;
        let mut generics = match begins_generics(input) {
            true => input.parse()?,
            false => Generics::default(),
        };
        input.parse::<Option<Token![!]>>()?;
        let first: Type = input.parse()?;
        let (of_trait, self_ty) = match input.parse::<Option<Token![for]>>()? {
            Some(_) => (Some(first.to_token_stream()), input.parse()?),
            None => (None, first),
        };
        generics.where_clause = input.parse()?;
        let members;
        braced!(members in input);
        members.call(Attribute::parse_inner)?;
        let (mut methods, mut others) = (Vec::new(), Vec::new());
        while !members.is_empty() {
            match members.parse()? {
                Member::Method(method) => methods.push(*method),
                Member::Other(attrs) => others.push(attrs),
            }
        }
        Ok(Self {
            generics,
            of_trait,
            self_ty,
            methods,
            others,
        })
    }
}

/// `impl<T> ..`, and not `impl <T as Trait>::Type`.
fn begins_generics(input: ParseStream<'_>) -> bool {
    input.peek(Token![<]) && input.fork().parse::<Generics>().is_ok()
}

enum Member {
    Method(Box<Method>),
    Other(Vec<Attribute>),
}

impl Parse for Member {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        let attrs = ahead.call(Attribute::parse_outer)?;
        ahead.parse::<Visibility>()?;
        ahead.parse::<Option<Token![default]>>()?;
        match ahead.parse::<Signature>() {
            Ok(sig) => {
                input.advance_to(&ahead);
                // The body, or the semicolon that rustc will refuse.
                input.parse::<TokenTree>()?;
                Ok(Member::Method(Box::new(Method { attrs, sig })))
            }
            Err(error) => match input.parse::<ImplItem>() {
                Ok(_) => Ok(Member::Other(attrs)),
                Err(_) => Err(error),
            },
        }
    }
}
