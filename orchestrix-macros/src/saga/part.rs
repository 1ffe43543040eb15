//! Steps and compensations.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Attribute, Type};

use super::arguments::{self, Parameter};
use super::duration::{self, Retry};
use crate::attr::{self, Args, Key};
use crate::ctxt::Ctxt;
use crate::impl_block::Method;
use crate::method::{self, Receiver};
use crate::names;

const NAME: Key = Key::value(
    "name",
    "the durable name, as text, by which histories know it",
    "name = \"reserve\"",
);

const RETRY: Key = Key::list(
    "retry",
    "how many retries, and how long the first one waits",
    "retry(3, wait = \"100ms\")",
);

const TIMEOUT: Key = Key::value(
    "timeout",
    "how long one call may take, as text",
    "timeout = \"30s\"",
);

const STEP_KEYS: &[Key] = &[
    NAME,
    Key::list("after", "the steps that come before it", "after(reserve)"),
    Key::value(
        "compensate",
        "the `#[compensation]` method that undoes it",
        "compensate = release",
    ),
    RETRY,
    TIMEOUT,
];

const COMPENSATION_KEYS: &[Key] = &[NAME, RETRY, TIMEOUT];

/// A `#[step]` method.
pub(super) struct Step {
    pub(super) part: Part,
    pub(super) after: Vec<Ident>,
    /// Whether what it comes after was not understood.
    pub(super) after_misread: bool,
    pub(super) compensate: Option<Ident>,
    /// Whether what undoes it was not understood.
    pub(super) compensate_misread: bool,
}

/// A `#[compensation]` method.
pub(super) struct Compensation {
    pub(super) part: Part,
}

/// What both have.
pub(super) struct Part {
    pub(super) method: Ident,
    pub(super) cfgs: Vec<Attribute>,
    pub(super) name: String,
    /// Where it is named: by the user's text, or the method.
    pub(super) named_at: TokenStream,
    /// The `self` of one that changes the state.
    pub(super) changes: Option<TokenStream>,
    pub(super) parameters: Vec<Parameter>,
    /// The returned type.
    pub(super) output: TokenStream,
    pub(super) retry: Option<Retry>,
    /// In milliseconds.
    pub(super) timeout: Option<u64>,
}

impl Step {
    pub(super) fn read(cx: &Ctxt, attr: &Attribute, method: &Method, self_ty: &Type) -> Self {
        let args = attr::of_helper(cx, "step", STEP_KEYS, attr);
        let after: Option<Vec<Ident>> = args.some_list(cx, "after");
        if let (Some([]), Some(empty)) = (after.as_deref(), args.key("after")) {
            cx.error(
                empty,
                "this names no step: write `after(reserve)`, or remove it",
            );
        }
        let compensate: Option<Ident> = args.value(cx, "compensate");
        Self {
            part: Part::read(cx, "step", &args, method, self_ty),
            after_misread: after.is_none() && args.key("after").is_some(),
            after: after.unwrap_or_default(),
            compensate_misread: compensate.is_none() && args.key("compensate").is_some(),
            compensate,
        }
    }
}

impl Compensation {
    pub(super) fn read(cx: &Ctxt, attr: &Attribute, method: &Method, self_ty: &Type) -> Self {
        let args = attr::of_helper(cx, "compensation", COMPENSATION_KEYS, attr);
        Self {
            part: Part::read(cx, "compensation", &args, method, self_ty),
        }
    }
}

impl Part {
    fn read(cx: &Ctxt, marker: &str, args: &Args, method: &Method, self_ty: &Type) -> Self {
        let sig = &method.sig;
        let name = args.name(cx, "name");
        let unfit = |letter: char| !letter.is_alphanumeric() && letter != '_';
        if let Some(name) = name.as_ref().filter(|name| name.value().contains(unfit)) {
            cx.error(
                name,
                "this name holds letters, digits and `_` only: it stands in keys and charts",
            );
        }
        let called = method::called(marker);
        method::refuse_unsafe_and_generic(cx, marker, sig);
        if sig.asyncness.is_none() {
            cx.error(
                sig.fn_token,
                format!("{called} of a saga is async: write `async fn`"),
            );
        }
        let changes = match (Receiver::of(sig), sig.receiver()) {
            (Receiver::Ref, _) => None,
            (Receiver::RefMut, receiver) => Some(receiver.to_token_stream()),
            (_, receiver) => {
                let message = format!(
                    "{called} of a saga takes `&self`, or `&mut self` to change the saga's state"
                );
                match receiver {
                    Some(receiver) => cx.error(receiver, message),
                    None => cx.error(&sig.ident, message),
                }
                None
            }
        };
        Self {
            method: sig.ident.clone(),
            cfgs: method::cfgs(method),
            named_at: match &name {
                Some(name) => name.to_token_stream(),
                None => sig.ident.to_token_stream(),
            },
            name: name.map_or_else(|| names::plain(&sig.ident), |name| name.value()),
            changes,
            parameters: arguments::read(cx, sig),
            output: output(method::output(cx, marker, sig, self_ty), &sig.ident),
            retry: duration::retry(cx, args),
            timeout: duration::of_key(cx, args, "timeout"),
        }
    }
}

/// The returned type; where nothing is written, `()` at the method's name.
fn output(output: TokenStream, method: &Ident) -> TokenStream {
    match output.to_string() == "()" {
        true => quote::quote_spanned!(method.span()=> ()),
        false => output,
    }
}
