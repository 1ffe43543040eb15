//! What the user wrote.

use proc_macro2::{Ident, TokenStream};
use syn::Type;

use super::super::head::Head;
use super::ALL_MARKERS;
use super::method::{OfEvent, Rejected, Timer};
use crate::ctxt::Ctxt;
use crate::fields::Fields;
use crate::impl_block::Method;
use crate::method;
use crate::runtime::Runtime;

/// The block and its arguments.
pub(super) struct Reactions {
    pub(super) self_ty: Type,
    pub(super) type_name: Ident,
    pub(super) name: String,
    pub(super) key: Option<Fields>,
    /// Whether a key was given for all, understood or not.
    pub(super) has_key: bool,
    pub(super) runtime: Runtime,
    pub(super) starts: Vec<OfEvent>,
    pub(super) ons: Vec<OfEvent>,
    pub(super) timers: Vec<Timer>,
    pub(super) rejected: Vec<Rejected>,
    /// Whether methods were left out because of mistakes.
    pub(super) incomplete: bool,
}

impl Reactions {
    /// Reads arguments and block; `None` where the block cannot be understood, which was reported.
    pub(super) fn read(cx: &Ctxt, args: TokenStream, item: TokenStream) -> Option<Self> {
        let (head, methods) = Head::read(cx, args, item, ALL_MARKERS)?;
        let mut saga = Self {
            name: head.name,
            key: head.key,
            has_key: head.key_given.is_some(),
            self_ty: head.self_ty,
            type_name: head.type_name,
            runtime: head.runtime,
            starts: Vec::new(),
            ons: Vec::new(),
            timers: Vec::new(),
            rejected: Vec::new(),
            incomplete: false,
        };
        for method in &methods {
            saga.read_method(cx, method);
        }
        Some(saga)
    }

    /// The same with no methods: what it is, in place of one that has mistakes.
    pub(super) fn without_parts(self) -> Self {
        Self {
            starts: Vec::new(),
            ons: Vec::new(),
            timers: Vec::new(),
            rejected: Vec::new(),
            ..self
        }
    }

    fn read_method(&mut self, cx: &Ctxt, method: &Method) {
        let Some((marker, attr)) = method::marker(cx, method, ALL_MARKERS) else {
            return;
        };
        match marker {
            "start" => match OfEvent::start(cx, attr, method, &self.self_ty) {
                Some(start) => self.starts.push(start),
                None => self.incomplete = true,
            },
            "on" => self
                .ons
                .extend(OfEvent::on(cx, attr, method, &self.self_ty)),
            "timer" => self.timers.push(Timer::read(cx, attr, method)),
            "rejected" => self
                .rejected
                .push(Rejected::read(cx, attr, method, &self.self_ty)),
            steps => cx.error(
                &attr.meta,
                format!(
                    "a saga has steps or reactions, not both: make two sagas of it, or remove this `#[{steps}]`"
                ),
            ),
        }
    }
}
