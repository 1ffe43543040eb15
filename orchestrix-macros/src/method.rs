//! A marked method: its marker, its `self`, and what it gives.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, GenericParam, ReceiverKind, ReturnType, Safety, Signature, Type};

use crate::argument;
use crate::ctxt::Ctxt;
use crate::impl_block::Method;
use crate::place::outside;

/// The `self` of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Receiver {
    None,
    Ref,
    RefMut,
    Value,
    /// `self: Box<Self>` and the like.
    Other,
}

impl Receiver {
    /// Of this method.
    pub(crate) fn of(sig: &Signature) -> Self {
        let Some(receiver) = sig.receiver() else {
            return Receiver::None;
        };
        match &receiver.kind {
            ReceiverKind::Value => Receiver::Value,
            ReceiverKind::Reference(_, _, None) => Receiver::Ref,
            ReceiverKind::Reference(_, _, Some(_)) => Receiver::RefMut,
            _ => Receiver::Other,
        }
    }
}

/// `` an `#[apply]` method ``, for messages.
pub(crate) fn called(marker: &str) -> String {
    match marker {
        _ if marker.starts_with(['a', 'o']) => format!("an `#[{marker}]` method"),
        _ => format!("a `#[{marker}]` method"),
    }
}

/// The one marker of a method among these, if it has any. A second one is reported.
pub(crate) fn marker<'a>(
    cx: &Ctxt,
    method: &'a Method,
    markers: &[&'static str],
) -> Option<(&'static str, &'a Attribute)> {
    let mut found = None;
    for attr in &method.attrs {
        let Some(name) = markers.iter().find(|name| attr.path().is_ident(name)) else {
            continue;
        };
        match found {
            None => found = Some((*name, attr)),
            Some((first, _)) if first == *name => {
                cx.error(
                    &attr.meta,
                    format!("`#[{name}]` is given twice: remove one"),
                );
            }
            Some((first, _)) => cx.error(
                &attr.meta,
                format!(
                    "a method cannot be both `#[{first}]` and `#[{name}]`: make two methods of it"
                ),
            ),
        }
    }
    found
}

/// The `#[cfg]`s of a method, which what is generated for it carries too.
pub(crate) fn cfgs(method: &Method) -> Vec<Attribute> {
    let is_cfg = |attr: &&Attribute| attr.path().is_ident("cfg");
    method.attrs.iter().filter(is_cfg).cloned().collect()
}

/// Refuses what no marked method can be: unsafe or generic.
pub(crate) fn refuse_unsafe_and_generic(cx: &Ctxt, marker: &str, sig: &Signature) {
    let method = called(marker);
    if let Safety::Unsafe(token) = &sig.safety {
        cx.error(token, format!("{method} cannot be unsafe: remove `unsafe`"));
    }
    let generic = format!("{method} cannot be generic: write one method for each type");
    let is_lifetime = |parameter: &GenericParam| matches!(parameter, GenericParam::Lifetime(_));
    if sig
        .generics
        .params
        .iter()
        .any(|parameter| !is_lifetime(parameter))
    {
        cx.error(&sig.generics.params, &generic);
    } else if !sig.generics.params.is_empty() {
        cx.error(
            &sig.generics.params,
            format!("{method} cannot name lifetimes: write plain references"),
        );
    }
    for argument in argument::all(sig) {
        if let (_, Type::ImplTrait(ty)) = argument::taken(&argument.ty) {
            cx.error(ty, &generic);
        }
    }
}

/// The returned type; `None` for nothing and for `()`.
pub(crate) fn returned(sig: &Signature) -> Option<&Type> {
    match &sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => match &**ty {
            Type::Tuple(tuple) if tuple.elems.is_empty() => None,
            ty => Some(ty),
        },
    }
}

/// The returned type, for code outside of the impl block; refuses one that cannot be named there.
pub(crate) fn output(cx: &Ctxt, marker: &str, sig: &Signature, self_ty: &Type) -> TokenStream {
    let Some(ty) = returned(sig) else {
        return quote!(());
    };
    if argument::mentions(ty.to_token_stream(), "impl") {
        cx.error(
            ty,
            format!(
                "{} names what it returns: write the type instead of `impl ..`",
                called(marker)
            ),
        );
    }
    outside(ty, self_ty)
}
