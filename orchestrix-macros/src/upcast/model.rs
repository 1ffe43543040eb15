//! What the user wrote.

use proc_macro2::{Span, TokenStream};
use syn::{Attribute, FnArg, Ident, Item, ReturnType, Signature, Type};

use crate::attr::{self, Args, CRATE, Key};
use crate::ctxt::Ctxt;
use crate::runtime::Runtime;

const KEYS: &[Key] = &[
    Key::value("event", "the event's type", "event = OrderPlaced"),
    Key::value(
        "from",
        "the schema version that the function takes",
        "from = 1",
    ),
    CRATE,
];

/// An upcaster.
pub(super) struct Upcast {
    pub(super) runtime: Runtime,
    pub(super) signature: Signature,
    /// The function's own `#[cfg]`s, under which the generated code stands too.
    pub(super) cfgs: Vec<Attribute>,
    /// Its argument and its result, where it has one of each.
    pub(super) types: Option<(Type, Type)>,
    pub(super) event: Option<Type>,
    pub(super) event_key: Option<Ident>,
    pub(super) from: Option<(u32, Span)>,
    pub(super) from_key: Option<Ident>,
}

pub(super) fn read(cx: &Ctxt, args: TokenStream, item: TokenStream) -> Option<Upcast> {
    let args = attr::of_macro(cx, "upcast", KEYS, args);
    let runtime = attr::runtime(cx, &args);
    let event = args.value(cx, "event");
    let from = args.number(cx, "from");
    let function = match cx.take(syn::parse2(item))? {
        Item::Fn(function) => function,
        other => {
            cx.error(
                other,
                "`#[upcast]` goes on a function: write `fn upcast(old: OrderPlacedV1) -> OrderPlaced { .. }`",
            );
            return None;
        }
    };
    let signature = function.sig;
    let types = argument(cx, &signature).zip(result(cx, &signature));
    let cfgs = function
        .attrs
        .into_iter()
        .filter(|attr| attr.path().is_ident("cfg"));
    Some(Upcast {
        runtime,
        types,
        cfgs: cfgs.collect(),
        signature,
        event,
        from,
        event_key: key(&args, "event"),
        from_key: key(&args, "from"),
    })
}

fn key(args: &Args, name: &str) -> Option<Ident> {
    args.key(name).cloned()
}

/// The type of the only argument.
fn argument(cx: &Ctxt, signature: &Signature) -> Option<Type> {
    let mut inputs = signature.inputs.iter();
    let argument = match inputs.next() {
        None => {
            cx.error_at(
                signature.paren_token.span.join(),
                "an upcaster takes the old event: write `(old: OrderPlacedV1)`, or `(old: Value)` for one on JSON",
            );
            None
        }
        Some(FnArg::Receiver(receiver)) => {
            cx.error(
                receiver,
                "an upcaster has no state, so no `self`: write a function outside of impl blocks",
            );
            None
        }
        Some(FnArg::Typed(argument)) => match &*argument.ty {
            Type::Reference(reference) => {
                cx.error(
                    reference.and_token,
                    "an upcaster takes the old event by value: remove the `&`",
                );
                None
            }
            ty => Some(ty.clone()),
        },
    };
    for more in inputs {
        cx.error(
            more,
            "an upcaster takes the old event and nothing else: what it needs must be in the event",
        );
    }
    argument
}

fn result(cx: &Ctxt, signature: &Signature) -> Option<Type> {
    match &signature.output {
        ReturnType::Type(_, ty) => Some((**ty).clone()),
        ReturnType::Default => {
            cx.error_at(
                signature.paren_token.span.join(),
                "an upcaster returns the new event: write `-> OrderPlaced`, or `-> Value` for one on JSON",
            );
            None
        }
    }
}

/// Whether a type is written as a path that ends with this name.
pub(super) fn is_named(ty: &Type, name: &str) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == name),
        Type::Group(group) => is_named(&group.elem, name),
        _ => false,
    }
}
