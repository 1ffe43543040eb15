//! What the user wrote under `#[aggregate]`.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Attribute, Type};

use super::MARKERS;
use crate::argument::{self, CommandArgument, EventArgument};
use crate::attr::{self, Key};
use crate::ctxt::Ctxt;
use crate::event_set;
use crate::impl_block::{ImplBlock, Method};
use crate::method::{self, Receiver};
use crate::names;
use crate::place;
use crate::runtime::Runtime;

const KEYS: &[Key] = &[
    Key::value(
        "category",
        "the name that begins its streams' names, as text",
        "category = \"account\"",
    ),
    Key::value(
        "events",
        "a name for the generated enum of its events",
        "events = AccountEvent",
    ),
    attr::CRATE,
];

/// The block and its arguments.
pub(super) struct Aggregate {
    pub(super) self_ty: Type,
    pub(super) name: Ident,
    pub(super) category: String,
    /// The name of the generated enum.
    pub(super) events: Ident,
    pub(super) runtime: Runtime,
    pub(super) applies: Vec<Apply>,
    pub(super) handles: Vec<Handle>,
    /// Whether an `#[apply]` was left out because of mistakes, so that "there is none" cannot be said.
    pub(super) applies_incomplete: bool,
}

/// An `#[apply]` method.
pub(super) struct Apply {
    pub(super) method: Ident,
    pub(super) cfgs: Vec<Attribute>,
    pub(super) event: EventArgument,
    /// `fn (event) -> Self`, not `fn (&mut self, event)`.
    pub(super) constructs: bool,
}

/// A `#[handle]` method.
pub(super) struct Handle {
    pub(super) method: Ident,
    pub(super) cfgs: Vec<Attribute>,
    /// No `self`, not `&self`.
    pub(super) creates: bool,
    pub(super) command: CommandArgument,
    /// Where `cx: &CommandContext` is, if it is.
    pub(super) context: Option<Span>,
    /// The returned type.
    pub(super) output: TokenStream,
}

impl Aggregate {
    /// Reads arguments and block; `None` where the block cannot be understood, which was reported.
    pub(super) fn read(cx: &Ctxt, args: TokenStream, item: TokenStream) -> Option<Self> {
        let args = attr::of_macro(cx, "aggregate", KEYS, args);
        let runtime = attr::runtime(cx, &args);
        let category = args.name(cx, "category");
        if let Some(category) = category
            .as_ref()
            .filter(|category| category.value().contains('-'))
        {
            cx.error(
                category,
                "a category cannot hold a hyphen, which ends it in a stream's name: write `_`",
            );
        }
        let events: Option<Ident> = args.value(cx, "events");
        let block: ImplBlock = cx.take(syn::parse2(item))?;
        let name = block.name(
            cx,
            "aggregate",
            "an aggregate cannot be generic: its category stands for one type; write one aggregate for each type",
        )?;
        block.check_others(cx, MARKERS);
        let mut aggregate = Self {
            category: category
                .map_or_else(|| names::snake_case(&name), |category| category.value()),
            events: events.unwrap_or_else(|| event_set::default_name(&name)),
            name,
            runtime,
            applies: Vec::new(),
            handles: Vec::new(),
            applies_incomplete: false,
            self_ty: block.self_ty,
        };
        for method in &block.methods {
            aggregate.read_method(cx, method);
        }
        Some(aggregate)
    }

    fn read_method(&mut self, cx: &Ctxt, method: &Method) {
        let Some((marker, attr)) = method::marker(cx, method, MARKERS) else {
            return;
        };
        attr::bare(cx, marker, attr);
        method::refuse_unsafe_and_generic(cx, marker, &method.sig);
        if marker == "handle" {
            self.handles.extend(Handle::read(cx, method, &self.self_ty));
            return;
        }
        match Apply::read(cx, method, &self.self_ty) {
            Some(apply) => self.applies.push(apply),
            None => self.applies_incomplete = true,
        }
    }
}

impl Apply {
    fn read(cx: &Ctxt, method: &Method, self_ty: &Type) -> Option<Self> {
        let sig = &method.sig;
        if let Some(token) = &sig.asyncness {
            cx.error(
                token,
                "an `#[apply]` method cannot be async: it only adds an event to the state",
            );
        }
        let constructs = match (Receiver::of(sig), method::returned(sig)) {
            (Receiver::None, None) => {
                cx.error(
                    &sig.ident,
                    "an `#[apply]` method without `self` constructs the state: return `Self`, or take `&mut self` to change it",
                );
                true
            }
            (Receiver::None, Some(ty)) => {
                if !place::is_self(ty, self_ty) {
                    cx.error(
                        ty,
                        "an `#[apply]` method without `self` constructs the state: return `Self`",
                    );
                }
                true
            }
            (Receiver::RefMut, returned) => {
                if let Some(ty) = returned {
                    cx.error(
                        ty,
                        "an `#[apply]` method with `&mut self` returns nothing: what has happened cannot be refused",
                    );
                }
                false
            }
            _ => {
                cx.error(
                    sig.receiver(),
                    "an `#[apply]` method takes `&mut self` to change the state, or no `self` and returns `Self`",
                );
                false
            }
        };
        if let Some(extra) = argument::all(sig).get(1) {
            cx.error(
                extra,
                "an `#[apply]` method takes an event and nothing else: remove this",
            );
        }
        Some(Self {
            method: sig.ident.clone(),
            cfgs: method::cfgs(method),
            event: argument::event(cx, "apply", sig, self_ty)?,
            constructs,
        })
    }
}

impl Handle {
    fn read(cx: &Ctxt, method: &Method, self_ty: &Type) -> Option<Self> {
        let sig = &method.sig;
        if let Some(token) = &sig.asyncness {
            cx.error(
                token,
                "a `#[handle]` method of an aggregate cannot be async, it decides without I/O: put what needs I/O into an async `#[handle]` of the module",
            );
        }
        let receiver = Receiver::of(sig);
        match receiver {
            Receiver::None | Receiver::Ref => {}
            Receiver::RefMut => cx.error(
                sig.receiver(),
                "a `#[handle]` method changes nothing, it returns events: take `&self`, and change the state in `#[apply]`",
            ),
            Receiver::Value | Receiver::Other => cx.error(
                sig.receiver(),
                "a `#[handle]` method takes `&self`, or no `self` if it creates the stream",
            ),
        }
        let context = argument::context(cx, "handle", "a command", "CommandContext", sig);
        let output = method::output(cx, "handle", sig, self_ty);
        Some(Self {
            method: sig.ident.clone(),
            cfgs: method::cfgs(method),
            creates: receiver == Receiver::None,
            command: argument::command(cx, sig, self_ty)?,
            context,
            output,
        })
    }
}
