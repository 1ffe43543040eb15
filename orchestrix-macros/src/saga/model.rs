//! What the user wrote under `#[saga]`.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Type};

use super::MARKERS;
use super::head::{FIELDS, Head};
use super::part::{Compensation, Step};
use crate::argument::{self, EventArgument};
use crate::attr::{self, Key};
use crate::ctxt::Ctxt;
use crate::fields::Fields;
use crate::impl_block::Method;
use crate::method::{self, Receiver};
use crate::place;
use crate::runtime::Runtime;

const START_KEYS: &[Key] = &[FIELDS];

/// The block and its arguments.
pub(super) struct Saga {
    pub(super) self_ty: Type,
    pub(super) type_name: Ident,
    pub(super) name: String,
    pub(super) key: Option<Fields>,
    /// The word `key`, where one was given, understood or not.
    pub(super) key_given: Option<Ident>,
    pub(super) runtime: Runtime,
    pub(super) starts: Vec<Start>,
    /// Whether methods were left out because of mistakes, or are marked as two things, so that "there is none" cannot be
    /// said.
    pub(super) incomplete: bool,
    pub(super) steps: Vec<Step>,
    pub(super) compensations: Vec<Compensation>,
    /// The names of all methods, marked or not.
    pub(super) methods: Vec<Ident>,
}

/// A `#[start]` method.
pub(super) struct Start {
    pub(super) method: Ident,
    pub(super) cfgs: Vec<Attribute>,
    pub(super) event: EventArgument,
    /// Its own, which goes before the block's.
    pub(super) key: Option<Fields>,
    /// Whether a key of its own was given that was not understood.
    pub(super) key_misread: bool,
}

impl Saga {
    /// Reads arguments and block; `None` where the block cannot be understood, which was reported.
    pub(super) fn read(cx: &Ctxt, args: TokenStream, item: TokenStream) -> Option<Self> {
        let (head, methods) = Head::read(cx, args, item, MARKERS)?;
        let mut saga = Self {
            name: head.name,
            key: head.key,
            key_given: head.key_given,
            self_ty: head.self_ty,
            type_name: head.type_name,
            runtime: head.runtime,
            starts: Vec::new(),
            incomplete: false,
            steps: Vec::new(),
            compensations: Vec::new(),
            methods: Vec::new(),
        };
        for method in &methods {
            saga.methods.push(method.sig.ident.clone());
            saga.read_method(cx, method);
        }
        Some(saga)
    }

    /// The same with no methods: what it is, in place of one that has mistakes.
    pub(super) fn without_parts(self) -> Self {
        Self {
            starts: Vec::new(),
            steps: Vec::new(),
            compensations: Vec::new(),
            ..self
        }
    }

    fn read_method(&mut self, cx: &Ctxt, method: &Method) {
        let Some((marker, attr)) = method::marker(cx, method, MARKERS) else {
            return;
        };
        let another = |attr: &Attribute| {
            let mut others = MARKERS.iter().filter(|other| **other != marker);
            others.any(|other| attr.path().is_ident(other))
        };
        self.incomplete |= method.attrs.iter().any(another);
        match marker {
            "start" => match Start::read(cx, attr, method, &self.self_ty) {
                Some(start) => self.starts.push(start),
                None => self.incomplete = true,
            },
            "step" => self.steps.push(Step::read(cx, attr, method, &self.self_ty)),
            _ => {
                self.compensations
                    .push(Compensation::read(cx, attr, method, &self.self_ty));
            }
        }
    }
}

impl Start {
    fn read(cx: &Ctxt, attr: &Attribute, method: &Method, self_ty: &Type) -> Option<Self> {
        let sig = &method.sig;
        let args = attr::of_helper(cx, "start", START_KEYS, attr);
        let key: Option<Fields> = args.value(cx, "key");
        let key_misread = key.is_none() && args.key("key").is_some();
        method::refuse_unsafe_and_generic(cx, "start", sig);
        if let Some(token) = &sig.asyncness {
            cx.error(
                token,
                "a `#[start]` method cannot be async: it only makes the saga's state of the event",
            );
        }
        let message =
            "a `#[start]` method makes the saga's state: write `fn ..(event: &TheEvent) -> Self`";
        match (Receiver::of(sig), method::returned(sig)) {
            (Receiver::None, Some(ty)) if place::is_self(ty, self_ty) => {}
            (Receiver::None, Some(ty)) => cx.error(ty, message),
            (Receiver::None, None) => cx.error(&sig.ident, message),
            _ => cx.error(sig.receiver(), message),
        }
        for extra in argument::all(sig).iter().skip(1) {
            cx.error(
                extra,
                "a `#[start]` method takes the event and nothing else: remove this",
            );
        }
        Some(Self {
            method: sig.ident.clone(),
            cfgs: method::cfgs(method),
            event: argument::event(cx, "start", sig, self_ty)?,
            key,
            key_misread,
        })
    }
}
