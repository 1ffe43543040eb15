//! The methods of a saga of reactions.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, Signature, Type};

use crate::argument::{self, EventArgument, Taken};
use crate::attr::{self, Key};
use crate::ctxt::Ctxt;
use crate::fields::Fields;
use crate::impl_block::Method;
use crate::method::{self, Receiver};
use crate::names;
use crate::place;

use super::super::head::FIELDS;

const TIMER_KEYS: &[Key] = &[Key::value(
    "name",
    "the durable name of the timer, as text",
    "name = \"overdue\"",
)];

/// A `#[start]` or an `#[on]` method.
pub(super) struct OfEvent {
    pub(super) method: Ident,
    pub(super) cfgs: Vec<Attribute>,
    pub(super) event: EventArgument,
    /// Its own, which goes before the block's.
    pub(super) key: Option<Fields>,
    /// Whether a key of its own was given that was not understood.
    pub(super) key_misread: bool,
    /// The place of the context's type, if it takes that.
    pub(super) context: Option<Span>,
}

/// A `#[timer]` method.
pub(super) struct Timer {
    pub(super) method: Ident,
    pub(super) cfgs: Vec<Attribute>,
    pub(super) name: String,
    /// Where it is named: by the user's text, or the method.
    pub(super) named_at: TokenStream,
    pub(super) context: Option<Span>,
}

/// A `#[rejected]` method.
pub(super) struct Rejected {
    pub(super) method: Ident,
    pub(super) cfgs: Vec<Attribute>,
    pub(super) context: Option<Span>,
    /// The returned type.
    pub(super) output: TokenStream,
}

impl OfEvent {
    pub(super) fn start(
        cx: &Ctxt,
        attr: &Attribute,
        method: &Method,
        self_ty: &Type,
    ) -> Option<Self> {
        let sig = &method.sig;
        let message = "a `#[start]` method makes the saga's state: write `fn ..(event: &TheEvent, cx: &mut Reactions) -> Self`";
        match (Receiver::of(sig), method::returned(sig)) {
            (Receiver::None, Some(ty)) if place::is_self(ty, self_ty) => {}
            (Receiver::None, Some(ty)) => cx.error(ty, message),
            (Receiver::None, None) => cx.error(&sig.ident, message),
            _ => cx.error(sig.receiver(), message),
        }
        Self::read(cx, "start", attr, method, self_ty)
    }

    pub(super) fn on(cx: &Ctxt, attr: &Attribute, method: &Method, self_ty: &Type) -> Option<Self> {
        changes(cx, "on", &method.sig);
        returns_nothing(cx, "on", &method.sig);
        Self::read(cx, "on", attr, method, self_ty)
    }

    fn read(
        cx: &Ctxt,
        marker: &'static str,
        attr: &Attribute,
        method: &Method,
        self_ty: &Type,
    ) -> Option<Self> {
        let sig = &method.sig;
        let args = attr::of_helper(cx, marker, &[FIELDS], attr);
        let key: Option<Fields> = args.value(cx, "key");
        plain(cx, marker, sig);
        Some(Self {
            method: sig.ident.clone(),
            cfgs: method::cfgs(method),
            context: context(cx, marker, sig, 1),
            event: argument::event(cx, marker, sig, self_ty)?,
            key_misread: key.is_none() && args.key("key").is_some(),
            key,
        })
    }
}

impl Timer {
    pub(super) fn read(cx: &Ctxt, attr: &Attribute, method: &Method) -> Self {
        let sig = &method.sig;
        let args = attr::of_helper(cx, "timer", TIMER_KEYS, attr);
        let name = args.name(cx, "name");
        plain(cx, "timer", sig);
        changes(cx, "timer", sig);
        returns_nothing(cx, "timer", sig);
        Self {
            method: sig.ident.clone(),
            cfgs: method::cfgs(method),
            named_at: match &name {
                Some(name) => name.to_token_stream(),
                None => sig.ident.to_token_stream(),
            },
            name: name.map_or_else(|| names::plain(&sig.ident), |name| name.value()),
            context: context(cx, "timer", sig, 0),
        }
    }
}

impl Rejected {
    pub(super) fn read(cx: &Ctxt, attr: &Attribute, method: &Method, self_ty: &Type) -> Self {
        let sig = &method.sig;
        attr::bare(cx, "rejected", attr);
        plain(cx, "rejected", sig);
        changes(cx, "rejected", sig);
        match argument::all(sig).first() {
            Some(first) if argument::taken(&first.ty).0 == Taken::Ref => {}
            first => {
                let place = match first {
                    Some(first) => first.ty.to_token_stream(),
                    None => sig.ident.to_token_stream(),
                };
                cx.error(
                    place,
                    "a `#[rejected]` method takes what was refused: write `rejection: &Rejection`",
                );
            }
        }
        Self {
            method: sig.ident.clone(),
            cfgs: method::cfgs(method),
            context: context(cx, "rejected", sig, 1),
            output: match method::returned(sig) {
                Some(_) => method::output(cx, "rejected", sig, self_ty),
                None => quote::quote_spanned!(sig.ident.span()=> ()),
            },
        }
    }
}

/// Refuses what no reaction can be.
fn plain(cx: &Ctxt, marker: &str, sig: &Signature) {
    method::refuse_unsafe_and_generic(cx, marker, sig);
    if let Some(token) = &sig.asyncness {
        cx.error(
            token,
            format!(
                "{} of a saga of reactions cannot be async: it only changes the state, and asks for commands and timers",
                method::called(marker)
            ),
        );
    }
}

fn changes(cx: &Ctxt, marker: &str, sig: &Signature) {
    if matches!(Receiver::of(sig), Receiver::RefMut | Receiver::Ref) {
        return;
    }
    let message = format!(
        "{} of a saga takes `&mut self`, the state that it changes",
        method::called(marker)
    );
    match sig.receiver() {
        Some(receiver) => cx.error(receiver, message),
        None => cx.error(&sig.ident, message),
    }
}

fn returns_nothing(cx: &Ctxt, marker: &str, sig: &Signature) {
    if let Some(ty) = method::returned(sig) {
        cx.error(
            ty,
            format!(
                "{} of a saga returns nothing: it asks for commands through `cx: &mut Reactions`",
                method::called(marker)
            ),
        );
    }
}

/// The context, which comes after so many other arguments, if it is taken.
fn context(cx: &Ctxt, marker: &str, sig: &Signature, before: usize) -> Option<Span> {
    let arguments = argument::all(sig);
    for extra in arguments.iter().skip(before + 1) {
        cx.error(
            extra,
            format!(
                "{} of a saga takes `&mut Reactions` last, and nothing else: remove this",
                method::called(marker)
            ),
        );
    }
    let argument = arguments.get(before)?;
    if argument::taken(&argument.ty).0 != Taken::RefMut {
        cx.error(
            &argument.ty,
            format!(
                "the last argument of {} of a saga is the context: write `cx: &mut Reactions`",
                method::called(marker)
            ),
        );
    }
    Some(argument.ty.span())
}
