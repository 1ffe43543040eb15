//! What sagas of both styles begin with: the attribute's arguments, and the block.

use proc_macro2::{Ident, TokenStream};
use syn::Type;

use crate::attr::{self, Key};
use crate::ctxt::Ctxt;
use crate::fields::Fields;
use crate::impl_block::{ImplBlock, Method};
use crate::names;
use crate::runtime::Runtime;

pub(super) const FIELDS: Key = Key::value(
    "key",
    "the field of the event that names the instance",
    "key = order",
);

const KEYS: &[Key] = &[
    FIELDS,
    Key::value(
        "name",
        "the durable name of the saga, as text",
        "name = \"fulfilment\"",
    ),
    attr::CRATE,
];

/// The arguments, and what the block is for.
pub(super) struct Head {
    pub(super) self_ty: Type,
    pub(super) type_name: Ident,
    pub(super) name: String,
    pub(super) key: Option<Fields>,
    /// The word `key`, where one was given, understood or not.
    pub(super) key_given: Option<Ident>,
    pub(super) runtime: Runtime,
}

impl Head {
    /// Reads them, and gives the block's methods; `None` where the block cannot be understood, which was reported.
    pub(super) fn read(
        cx: &Ctxt,
        args: TokenStream,
        item: TokenStream,
        markers: &[&'static str],
    ) -> Option<(Self, Vec<Method>)> {
        let args = attr::of_macro(cx, "saga", KEYS, args);
        let name = args.name(cx, "name");
        if let Some(name) = name.as_ref().filter(|name| name.value().contains('-')) {
            cx.error(
                name,
                "the name of a saga cannot hold a hyphen, which ends it in a stream's name: write `_`",
            );
        }
        let runtime = attr::runtime(cx, &args);
        let key = args.value(cx, "key");
        let block: ImplBlock = cx.take(syn::parse2(item))?;
        let type_name = block.name(
            cx,
            "saga",
            "a saga cannot be generic: its name stands for one type; write one saga for each type",
        )?;
        block.check_others(cx, markers);
        let head = Self {
            self_ty: block.self_ty,
            name: name.map_or_else(|| names::snake_case(&type_name), |name| name.value()),
            type_name,
            key,
            key_given: args.key("key").cloned(),
            runtime,
        };
        Some((head, block.methods))
    }
}
