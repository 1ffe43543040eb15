//! The grammar that all attributes share: `key = value`, `key(a, b)` and `flag`, separated by commas.
//!
//! A macro declares its keys in a table of [`Key`]s; unknown keys, keys given twice and values of the wrong kind are
//! then reported here, with what to write instead.

mod args;
mod key;

use proc_macro2::TokenStream;
use syn::{Attribute, Meta};

use crate::ctxt::Ctxt;
use crate::runtime::Runtime;

pub(crate) use args::Args;
pub(crate) use key::Key;

/// `crate = path`, which every macro accepts.
pub(crate) const CRATE: Key = Key::value(
    "crate",
    "the path of the runtime crate",
    "crate = path::to::orchestrix",
);

/// Reads the arguments of an attribute macro, `#[name(..)]`.
pub(crate) fn of_macro(
    cx: &Ctxt,
    name: &'static str,
    keys: &'static [Key],
    tokens: TokenStream,
) -> Args {
    let mut args = Args::none(name, keys);
    args.read(cx, tokens);
    args
}

/// Reads all `#[name(..)]` among the attributes of a derive's item, field or variant.
pub(crate) fn of_item(
    cx: &Ctxt,
    name: &'static str,
    keys: &'static [Key],
    attrs: &[Attribute],
) -> Args {
    let mut args = Args::none(name, keys);
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(name)) {
        match &attr.meta {
            Meta::List(list) if !list.tokens.is_empty() => args.read(cx, list.tokens.clone()),
            meta => cx.error(
                meta,
                format!(
                    "`#[{name}]` says nothing like this: {}",
                    key::accepted(name, keys)
                ),
            ),
        }
    }
    args
}

/// Reads the arguments of a helper attribute that may stand alone, like `#[apply]` and `#[apply(key = order)]`.
pub(crate) fn of_helper(
    cx: &Ctxt,
    name: &'static str,
    keys: &'static [Key],
    attr: &Attribute,
) -> Args {
    let mut args = Args::none(name, keys);
    match &attr.meta {
        Meta::Path(_) => {}
        Meta::List(list) => args.read(cx, list.tokens.clone()),
        Meta::NameValue(value) => cx.error(
            value,
            format!(
                "`#[{name}]` takes no value like this: {}",
                key::accepted(name, keys)
            ),
        ),
    }
    args
}

/// Reads a helper attribute that takes no arguments, like `#[handle]`.
pub(crate) fn bare(cx: &Ctxt, name: &str, attr: &Attribute) {
    if !matches!(attr.meta, Meta::Path(_)) {
        cx.error(
            &attr.meta,
            format!("`#[{name}]` takes no arguments: write `#[{name}]`"),
        );
    }
}

/// Refuses attributes of ours where they have no meaning. `instead` says where they belong.
pub(crate) fn refuse(cx: &Ctxt, names: &[&str], attrs: &[Attribute], instead: &str) {
    for attr in attrs {
        if let Some(name) = names.iter().find(|name| attr.path().is_ident(name)) {
            cx.error(
                &attr.meta,
                format!("`#[{name}]` has no meaning here: {instead}"),
            );
        }
    }
}

/// The runtime's path: from `#[orchestrix(crate = path)]` on a derive's item, else from the macro's own arguments.
pub(crate) fn runtime_of_derive(cx: &Ctxt, own: Option<&Args>, attrs: &[Attribute]) -> Runtime {
    let shared = of_item(cx, "orchestrix", &[CRATE], attrs);
    if let (Some(_), Some(second)) = (own.and_then(|own| own.key("crate")), shared.key("crate")) {
        cx.error(
            second,
            "`crate` is given twice: write it once, in `#[orchestrix(crate = path)]`",
        );
    }
    let path = own.and_then(|own| own.path(cx, "crate"));
    path.or_else(|| shared.path(cx, "crate"))
        .map_or_else(Runtime::default, Runtime::below)
}

/// The runtime's path from the arguments of an attribute macro.
pub(crate) fn runtime(cx: &Ctxt, own: &Args) -> Runtime {
    own.path(cx, "crate")
        .map_or_else(Runtime::default, Runtime::below)
}

#[cfg(test)]
mod tests;
