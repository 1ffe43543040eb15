//! What the user wrote under `#[projection]`.

use proc_macro2::{Ident, Span, TokenStream};
use syn::spanned::Spanned;
use syn::{Attribute, ExprPath, PatType, Path, Type};

use super::MARKERS;
use super::key::Keys;
use crate::argument::{self, EventArgument, Taken};
use crate::attr::{self, Args, Key};
use crate::ctxt::Ctxt;
use crate::fields::Fields;
use crate::impl_block::{ImplBlock, Method, last_name};
use crate::method::{self, Receiver};
use crate::names;
use crate::place;
use crate::runtime::Runtime;

const FIELDS: Key = Key::value(
    "key",
    "the field of the event that names the document",
    "key = order.customer",
);

const INDEX: Key = Key::list(
    "index",
    "fields of the document that it is found by",
    "index(country, total)",
);

pub(super) const KEYS: &[Key] = &[
    FIELDS,
    Key::value(
        "name",
        "the name of the read model, as text",
        "name = \"balance\"",
    ),
    Key::value(
        "version",
        "the version of the documents' meaning, a whole number from 1",
        "version = 2",
    ),
    INDEX,
    Key::value(
        "inline",
        "the aggregate whose appends write the documents",
        "inline = Order",
    ),
    Key::value(
        "store",
        "the store in whose transactions it writes tables of its own",
        "store = TheStore",
    ),
    attr::CRATE,
];

pub(super) const GENERIC: &str = "a projection cannot be generic: its name stands for one type; write one projection for each type";

const APPLY_KEYS: &[Key] = &[
    FIELDS,
    Key::value(
        "keys",
        "a function from the event to the keys of all documents",
        "keys = Self::countries",
    ),
];

/// The block and its arguments.
pub(super) struct Projection {
    pub(super) self_ty: Type,
    pub(super) type_name: Ident,
    pub(super) name: String,
    pub(super) version: u32,
    pub(super) key: Option<Fields>,
    /// Whether a key was given that was not understood.
    pub(super) key_misread: bool,
    /// The fields of the document that have an index.
    pub(super) indexes: Vec<Ident>,
    /// The aggregate whose appends write the documents.
    pub(super) inline: Option<Path>,
    pub(super) runtime: Runtime,
    pub(super) applies: Vec<Apply>,
    /// Whether methods were left out because of mistakes, so that "there is none" cannot be said.
    pub(super) incomplete: bool,
}

/// An `#[apply]` method.
pub(super) struct Apply {
    pub(super) method: Ident,
    pub(super) cfgs: Vec<Attribute>,
    pub(super) event: EventArgument,
    pub(super) shape: Shape,
    /// Its own, which goes before the block's.
    pub(super) keys: Option<Keys>,
    pub(super) extras: Vec<Extra>,
}

/// What an `#[apply]` method does with the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `fn (event) -> Self`
    Begins,
    /// `fn (&mut self, event)`
    Changes,
    /// `fn (self, event) -> Option<Self>`
    ChangesOrEnds,
}

/// What an `#[apply]` method takes after the event, with its place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Extra {
    Key(Span),
    Recorded(Span),
}

impl Projection {
    /// Reads arguments and block; `None` where the block cannot be understood, which was reported.
    pub(super) fn read(cx: &Ctxt, args: &Args, item: TokenStream) -> Option<Self> {
        let runtime = attr::runtime(cx, args);
        let name = args.name(cx, "name");
        let version = args.number(cx, "version");
        let key: Option<Fields> = args.value(cx, "key");
        let indexes: Option<Vec<Ident>> = args.some_list(cx, "index");
        if let (Some([]), Some(empty)) = (indexes.as_deref(), args.key("index")) {
            cx.error(
                empty,
                "this names no field: write `index(country, total)`, or remove it",
            );
        }
        let inline = args.path(cx, "inline");
        let block: ImplBlock = cx.take(syn::parse2(item))?;
        let type_name = block.name(cx, "projection", GENERIC)?;
        block.check_others(cx, MARKERS);
        let mut projection = Self {
            name: name.map_or_else(|| names::snake_case(&type_name), |name| name.value()),
            version: version.map_or(1, |(version, _)| version),
            key_misread: key.is_none() && args.key("key").is_some(),
            key,
            indexes: indexes.unwrap_or_default(),
            inline,
            self_ty: block.self_ty,
            type_name,
            runtime,
            applies: Vec::new(),
            incomplete: false,
        };
        for method in &block.methods {
            if let Some((marker, attr)) = method::marker(cx, method, MARKERS) {
                if marker != "apply" {
                    cx.error(
                        &attr.meta,
                        format!("`#[{marker}]` is for tables, which this projection has none of: write `#[projection(store = TheStore)]`, or remove it"),
                    );
                    continue;
                }
                match Apply::read(cx, attr, method, &projection.self_ty) {
                    Some(apply) => projection.applies.push(apply),
                    None => projection.incomplete = true,
                }
            }
        }
        Some(projection)
    }
}

impl Apply {
    fn read(cx: &Ctxt, attr: &Attribute, method: &Method, self_ty: &Type) -> Option<Self> {
        let sig = &method.sig;
        let args = attr::of_helper(cx, "apply", APPLY_KEYS, attr);
        let fields = args.value(cx, "key").map(Keys::Fields);
        let function = args.value::<ExprPath>(cx, "keys").map(Keys::Function);
        let misread = |key| args.key(key).is_some();
        if let (Some(_), Some(second)) = (args.key("key"), args.key("keys")) {
            cx.error(
                second,
                "an `#[apply]` has either `key` or `keys`: remove one",
            );
        }
        let keys = function.or(fields);
        let lost = keys.is_none() && (misread("key") || misread("keys"));
        method::refuse_unsafe_and_generic(cx, "apply", sig);
        if let Some(token) = &sig.asyncness {
            cx.error(
                token,
                "an `#[apply]` method cannot be async: it only folds an event into the document; with `#[projection(store = TheStore)]` it writes tables of its own, and is async",
            );
        }
        let shape = shape(cx, method, self_ty);
        let event = argument::event(cx, "apply", sig, self_ty);
        let keyed = matches!(keys, Some(Keys::Function(_))) || lost;
        let extras = extra_arguments(cx, argument::all(sig).get(1..).unwrap_or_default(), keyed);
        Some(Self {
            method: sig.ident.clone(),
            cfgs: method::cfgs(method),
            event: event.filter(|_| !lost)?,
            shape: shape?,
            keys,
            extras,
        })
    }
}

fn shape(cx: &Ctxt, method: &Method, self_ty: &Type) -> Option<Shape> {
    let sig = &method.sig;
    let returned = method::returned(sig);
    match Receiver::of(sig) {
        Receiver::None => {
            if returned.is_some_and(|ty| place::is_self(ty, self_ty)) {
                return Some(Shape::Begins);
            }
            let message = "an `#[apply]` method without `self` begins the document: return `Self`, or take `&mut self` to change it";
            match returned {
                Some(ty) => cx.error(ty, message),
                None => cx.error(&sig.ident, message),
            }
        }
        Receiver::RefMut => match returned {
            None => return Some(Shape::Changes),
            Some(ty) => cx.error(
                ty,
                "an `#[apply]` method with `&mut self` returns nothing: take `self` and return `Option<Self>` if it may end the document",
            ),
        },
        Receiver::Value => {
            if returned.is_some_and(|ty| is_option_of_self(ty, self_ty)) {
                return Some(Shape::ChangesOrEnds);
            }
            let message = "an `#[apply]` method with `self` changes or ends the document: return `Option<Self>`, or take `&mut self` to change it";
            match returned {
                Some(ty) => cx.error(ty, message),
                None => cx.error(sig.receiver(), message),
            }
        }
        Receiver::Ref | Receiver::Other => cx.error(
            sig.receiver(),
            "an `#[apply]` method takes no `self` to begin the document, `&mut self` to change it, or `self` to change or end it",
        ),
    }
    None
}

fn is_option_of_self(ty: &Type, self_ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(last) = path
        .path
        .segments
        .last()
        .filter(|last| last.ident == "Option")
    else {
        return false;
    };
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return false;
    };
    let mut arguments = arguments.args.iter();
    match (arguments.next(), arguments.next()) {
        (Some(syn::GenericArgument::Type(ty)), None) => place::is_self(ty, self_ty),
        _ => false,
    }
}

/// Reads what stands after the event: `key: &K` where `keys = ..` gives several, then `recorded: &RecordedEvent`.
fn extra_arguments(cx: &Ctxt, arguments: &[&PatType], keyed: bool) -> Vec<Extra> {
    let mut extras = Vec::new();
    for argument in arguments {
        let (how, ty) = argument::taken(&argument.ty);
        let place = argument.ty.span();
        let is_recorded = last_name(ty).is_some_and(|name| name == "RecordedEvent");
        match (&extras[..], is_recorded) {
            ([] | [Extra::Key(_)], true) => extras.push(Extra::Recorded(place)),
            ([], false) if keyed => extras.push(Extra::Key(place)),
            _ => {
                let accepted = match keyed {
                    true => "`key: &TheKey` and `recorded: &RecordedEvent`, in this order",
                    false => {
                        "`recorded: &RecordedEvent`, and the document's key only with `#[apply(keys = ..)]`"
                    }
                };
                cx.error(
                    argument,
                    format!("after the event, an `#[apply]` method takes {accepted}: remove this"),
                );
                continue;
            }
        }
        if how != Taken::Ref {
            let ty = quote::ToTokens::to_token_stream(ty);
            cx.error(
                &argument.ty,
                format!("this is taken by reference: write `&{ty}`"),
            );
        }
    }
    extras
}
