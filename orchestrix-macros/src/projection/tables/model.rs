//! What the user wrote under `#[projection(store = TheStore)]`.

use proc_macro2::{Ident, Span, TokenStream};
use syn::spanned::Spanned;
use syn::{Attribute, PatType, Path, Signature, Type};

use super::MARKERS;
use crate::argument::{self, EventArgument, Taken};
use crate::attr::{self, Args};
use crate::ctxt::Ctxt;
use crate::impl_block::{ImplBlock, Method, last_name};
use crate::method;
use crate::names;
use crate::runtime::Runtime;

/// The block and its arguments.
pub(super) struct Tables {
    pub(super) self_ty: Type,
    pub(super) type_name: Ident,
    pub(super) name: String,
    pub(super) version: u32,
    /// None where it was not understood, which was reported.
    pub(super) store: Option<Path>,
    pub(super) runtime: Runtime,
    pub(super) applies: Vec<Apply>,
    pub(super) creates: Vec<Care>,
    pub(super) clears: Vec<Care>,
    /// Whether methods were left out because of mistakes, so that "there is none" cannot be said.
    pub(super) incomplete: bool,
}

/// An `#[apply]` method.
pub(super) struct Apply {
    pub(super) method: Ident,
    pub(super) cfgs: Vec<Attribute>,
    pub(super) event: EventArgument,
    /// Where `recorded: &RecordedEvent` is, if it is.
    pub(super) recorded: Option<Span>,
    pub(super) transaction: Span,
    /// The returned type.
    pub(super) output: TokenStream,
}

/// A `#[create]` or `#[clear]` method.
pub(super) struct Care {
    pub(super) method: Ident,
    pub(super) transaction: Span,
    /// The returned type.
    pub(super) output: TokenStream,
}

impl Tables {
    /// Reads arguments and block; `None` where the block cannot be understood, which was reported.
    pub(super) fn read(cx: &Ctxt, args: &Args, item: TokenStream) -> Option<Self> {
        let name = args.name(cx, "name");
        let version = args.number(cx, "version");
        let store = args.path(cx, "store");
        let runtime = attr::runtime(cx, args);
        let block: ImplBlock = cx.take(syn::parse2(item))?;
        let type_name = block.name(cx, "projection", super::super::model::GENERIC)?;
        block.check_others(cx, MARKERS);
        let mut tables = Self {
            name: name.map_or_else(|| names::snake_case(&type_name), |name| name.value()),
            version: version.map_or(1, |(version, _)| version),
            store,
            self_ty: block.self_ty,
            type_name,
            runtime,
            applies: Vec::new(),
            creates: Vec::new(),
            clears: Vec::new(),
            incomplete: false,
        };
        for method in &block.methods {
            let Some((marker, attr)) = method::marker(cx, method, MARKERS) else {
                continue;
            };
            attr::bare(cx, marker, attr);
            method::refuse_unsafe_and_generic(cx, marker, &method.sig);
            check_async_and_self(cx, marker, &method.sig);
            let is_read = match marker {
                "create" => push(
                    &mut tables.creates,
                    Care::read(cx, marker, method, &tables.self_ty),
                ),
                "clear" => push(
                    &mut tables.clears,
                    Care::read(cx, marker, method, &tables.self_ty),
                ),
                _ => push(
                    &mut tables.applies,
                    Apply::read(cx, method, &tables.self_ty),
                ),
            };
            tables.incomplete |= !is_read;
        }
        Some(tables)
    }
}

fn push<T>(all: &mut Vec<T>, read: Option<T>) -> bool {
    let is_read = read.is_some();
    all.extend(read);
    is_read
}

impl Apply {
    fn read(cx: &Ctxt, method: &Method, self_ty: &Type) -> Option<Self> {
        let sig = &method.sig;
        let event = argument::event(cx, "apply", sig, self_ty);
        let rest = argument::all(sig);
        let mut rest = rest.get(1..).unwrap_or_default();
        let mut recorded = None;
        if let [first, others @ ..] = rest {
            let (how, ty) = argument::taken(&first.ty);
            if how != Taken::RefMut && last_name(ty).is_some_and(|name| name == "RecordedEvent") {
                if how != Taken::Ref {
                    let ty = quote::ToTokens::to_token_stream(ty);
                    cx.error(
                        &first.ty,
                        format!("this is taken by reference: write `&{ty}`"),
                    );
                }
                recorded = Some(first.ty.span());
                rest = others;
            }
        }
        let transaction = transaction(cx, "apply", sig, rest);
        Some(Self {
            method: sig.ident.clone(),
            cfgs: method::cfgs(method),
            output: method::output(cx, "apply", sig, self_ty),
            event: event?,
            recorded,
            transaction: transaction?,
        })
    }
}

impl Care {
    fn read(cx: &Ctxt, marker: &str, method: &Method, self_ty: &Type) -> Option<Self> {
        let sig = &method.sig;
        Some(Self {
            method: sig.ident.clone(),
            output: method::output(cx, marker, sig, self_ty),
            transaction: transaction(cx, marker, sig, &argument::all(sig))?,
        })
    }
}

/// Reads the transaction, which a method takes last; reports what stands behind it, or instead of it.
fn transaction(cx: &Ctxt, marker: &str, sig: &Signature, rest: &[&PatType]) -> Option<Span> {
    let method = method::called(marker);
    let Some((argument, more)) = rest.split_first() else {
        cx.error(
            &sig.ident,
            format!("{method} takes the transaction last: add `tx: &mut TheTransaction`"),
        );
        return None;
    };
    for extra in more {
        let accepted = match marker {
            "apply" => {
                "the event, `recorded: &RecordedEvent` if it wants, and `tx: &mut TheTransaction`, in this order"
            }
            _ => "`tx: &mut TheTransaction`, and nothing else",
        };
        cx.error(extra, format!("{method} takes {accepted}: remove this"));
    }
    let (how, ty) = argument::taken(&argument.ty);
    if how != Taken::RefMut {
        let ty = quote::ToTokens::to_token_stream(ty);
        cx.error(
            &argument.ty,
            format!("the transaction is taken by mutable reference: write `&mut {ty}`"),
        );
        return None;
    }
    Some(argument.ty.span())
}

fn check_async_and_self(cx: &Ctxt, marker: &str, sig: &Signature) {
    let method = method::called(marker);
    if sig.asyncness.is_none() {
        cx.error(
            sig.fn_token,
            format!("{method} of a projection with tables of its own is async: write `async fn`, or remove `store` for a fold into documents"),
        );
    }
    if let Some(receiver) = sig.receiver() {
        cx.error(
            receiver,
            format!("{method} of a projection with tables of its own takes no `self`: what it knows is in its tables"),
        );
    }
}
