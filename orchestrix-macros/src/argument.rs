//! The arguments of marked methods: an event or a command, and a context.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, PatType, Signature, Type};

use crate::ctxt::Ctxt;
use crate::impl_block::last_name;
use crate::method::called;
use crate::place::outside;

/// How an argument is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Value,
    Ref,
    RefMut,
}

/// The type of an argument, without the reference.
pub(crate) fn taken(ty: &Type) -> (Taken, &Type) {
    match ty {
        Type::Reference(reference) if reference.mutability.is_some() => {
            (Taken::RefMut, &reference.elem)
        }
        Type::Reference(reference) => (Taken::Ref, &reference.elem),
        Type::Group(group) => taken(&group.elem),
        Type::Paren(paren) => taken(&paren.elem),
        ty => (Taken::Value, ty),
    }
}

/// The arguments beside `self`.
pub(crate) fn all(sig: &Signature) -> Vec<&PatType> {
    let mut all = Vec::new();
    for argument in &sig.inputs {
        if let FnArg::Typed(typed) = argument {
            all.push(typed);
        }
    }
    all
}

/// Whether a word stands anywhere in a type.
pub(crate) fn mentions(ty: TokenStream, word: &str) -> bool {
    ty.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => mentions(group.stream(), word),
        _ => false,
    })
}

/// `event: &TheEvent`
pub(crate) struct EventArgument {
    /// The type, for code outside of the impl block.
    pub(crate) ty: TokenStream,
    /// Its last name, after which its variant is named.
    pub(crate) name: Ident,
}

/// Reads the event that a method takes first; reports any other argument.
pub(crate) fn event(
    cx: &Ctxt,
    marker: &str,
    sig: &Signature,
    self_ty: &Type,
) -> Option<EventArgument> {
    let Some(argument) = all(sig).first().copied() else {
        cx.error(
            &sig.ident,
            format!("{} takes an event: add `event: &TheEvent`", called(marker)),
        );
        return None;
    };
    let (how, ty) = taken(&argument.ty);
    if let Type::ImplTrait(_) = ty {
        return None; // reported as generic
    }
    match (how, last_name(ty)) {
        (Taken::Ref, Some(name)) => Some(EventArgument {
            ty: outside(ty, self_ty),
            name: match name == "Self" {
                true => last_name(self_ty)?.clone(),
                false => name.clone(),
            },
        }),
        (_, Some(_)) => {
            let ty = ty.to_token_stream();
            cx.error(
                &argument.ty,
                format!("an event is taken by reference: write `&{ty}`"),
            );
            None
        }
        (_, None) => {
            cx.error(
                &argument.ty,
                "an event is named by its type: write `&TheEvent`",
            );
            None
        }
    }
}

/// `cmd: TheCommand` or `cmd: &TheCommand`
pub(crate) struct CommandArgument {
    /// The type, for code outside of the impl block.
    pub(crate) ty: TokenStream,
    pub(crate) by_value: bool,
}

/// Reads the command that a method takes first; reports any other argument.
pub(crate) fn command(cx: &Ctxt, sig: &Signature, self_ty: &Type) -> Option<CommandArgument> {
    let Some(argument) = all(sig).first().copied() else {
        cx.error(
            &sig.ident,
            "a `#[handle]` method takes a command: add `cmd: TheCommand`",
        );
        return None;
    };
    let (how, ty) = taken(&argument.ty);
    if let Type::ImplTrait(_) = ty {
        return None; // reported as generic
    }
    if how == Taken::RefMut || last_name(ty).is_none() {
        cx.error(
            &argument.ty,
            "a command is named by its type: write `TheCommand` or `&TheCommand`",
        );
        return None;
    }
    Some(CommandArgument {
        ty: outside(ty, self_ty),
        by_value: how == Taken::Value,
    })
}

/// Reads the context that a method takes second, if it does, and refuses more arguments. The place of its type.
pub(crate) fn context(
    cx: &Ctxt,
    marker: &str,
    first: &str,
    context: &str,
    sig: &Signature,
) -> Option<Span> {
    let arguments = all(sig);
    if let Some(extra) = arguments.get(2) {
        cx.error(
            extra,
            format!(
                "{} takes {first} and `&{context}`, and nothing else: remove this",
                called(marker)
            ),
        );
    }
    let argument = arguments.get(1)?;
    if taken(&argument.ty).0 != Taken::Ref {
        cx.error(
            &argument.ty,
            format!(
                "the second argument of {} is the context: write `cx: &{context}`",
                called(marker)
            ),
        );
    }
    Some(argument.ty.span())
}

/// Refuses two methods for one event, and two events of one name. Methods that are both under `#[cfg]` may exclude
/// each other: rustc sees whether they do.
pub(crate) fn check_events<'a>(
    cx: &Ctxt,
    marker: &str,
    events: impl IntoIterator<Item = (&'a EventArgument, &'a [Attribute])>,
) {
    let mut seen: Vec<(&EventArgument, &[Attribute])> = Vec::new();
    for (event, cfgs) in events {
        let of_one_name = |(earlier, earlier_cfgs): &&(&EventArgument, &[Attribute])| {
            earlier.name == event.name && (earlier_cfgs.is_empty() || cfgs.is_empty())
        };
        if let Some((earlier, _)) = seen.iter().find(of_one_name) {
            let name = &event.name;
            let message = match earlier.ty.to_string() == event.ty.to_string() {
                true => format!("two `#[{marker}]` methods take `{name}`: remove one"),
                false => format!(
                    "two events are called `{name}` here: import one under another name, `use .. as ..`, and take that"
                ),
            };
            cx.error(&event.ty, message);
        }
        seen.push((event, cfgs));
    }
}

/// Refuses two methods for one command; see [`check_events`] about `#[cfg]`.
pub(crate) fn check_commands<'a>(
    cx: &Ctxt,
    commands: impl IntoIterator<Item = (&'a CommandArgument, &'a [Attribute])>,
) {
    let mut seen: Vec<(String, &[Attribute])> = Vec::new();
    for (command, cfgs) in commands {
        let text = command.ty.to_string();
        let taken = |(earlier, earlier_cfgs): &(String, &[Attribute])| {
            *earlier == text && (earlier_cfgs.is_empty() || cfgs.is_empty())
        };
        if seen.iter().any(taken) {
            cx.error(
                &command.ty,
                format!(
                    "two `#[handle]` methods take `{text}`: a command has one handler, remove one"
                ),
            );
        }
        seen.push((text, cfgs));
    }
}
