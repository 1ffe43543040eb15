//! What the user wrote under `#[module]`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, Signature, Token, Type, Visibility};

use super::MARKERS;
use crate::argument::{self, CommandArgument, EventArgument};
use crate::attr::{self, Args, Key};
use crate::ctxt::Ctxt;
use crate::generics;
use crate::impl_block::{ImplBlock, Method, last_name};
use crate::method::{self, Receiver};
use crate::names;
use crate::runtime::Runtime;

const KEYS: &[Key] = &[
    Key::list(
        "aggregates",
        "types with `#[aggregate]`",
        "aggregates(Account, Order)",
    ),
    Key::list(
        "projections",
        "types with `#[projection]`",
        "projections(Balance, Revenue)",
    ),
    Key::list(
        "tables",
        "types with `#[projection(store = ..)]`",
        "tables(Shelf)",
    ),
    Key::list(
        "sagas",
        "types with `#[saga]`",
        "sagas(Fulfilment, Transfer)",
    ),
    Key::value("name", "the name of the module, as text", "name = \"bank\""),
    attr::CRATE,
];

/// What `#[on(..)]` takes.
const ON_KEYS: &[Key] = &[Key::flag("replay")];

const GENERIC: &str = "a module cannot be generic: its name stands for one type; keep what differs in a field, as an `Arc<dyn Trait>`";

/// The item and its arguments.
pub(super) struct Module {
    pub(super) self_ty: Type,
    pub(super) name: String,
    pub(super) runtime: Runtime,
    pub(super) aggregates: Vec<Type>,
    pub(super) projections: Vec<Type>,
    pub(super) tables: Vec<Type>,
    pub(super) sagas: Vec<Type>,
    pub(super) event_handlers: Vec<EventHandler>,
    pub(super) command_handlers: Vec<CommandHandler>,
}

/// An `#[on]` method.
pub(super) struct EventHandler {
    pub(super) method: Ident,
    pub(super) cfgs: Vec<Attribute>,
    pub(super) event: EventArgument,
    /// Whether it may run in a replay: `#[on(replay)]`.
    pub(super) replay: bool,
    /// Where `cx: &EventContext` is, if it is; `cx: &ReplayContext` where it may run in a replay.
    pub(super) context: Option<Span>,
    /// The returned type.
    pub(super) output: TokenStream,
}

/// A `#[handle]` method.
pub(super) struct CommandHandler {
    pub(super) method: Ident,
    pub(super) cfgs: Vec<Attribute>,
    pub(super) command: CommandArgument,
    /// Where `cx: &ModuleContext` is, if it is.
    pub(super) context: Option<Span>,
    /// The returned type.
    pub(super) output: TokenStream,
}

/// What the attribute is on.
enum Item {
    Struct {
        name: Ident,
        generics: Generics,
    },
    Impl(Box<ImplBlock>),
    /// Neither; its keyword.
    Other(TokenTree),
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        ahead.call(Attribute::parse_outer)?;
        ahead.parse::<Visibility>()?;
        if ahead.peek(Token![impl]) || ahead.peek(Token![unsafe]) && ahead.peek2(Token![impl]) {
            return input.parse().map(|block| Item::Impl(Box::new(block)));
        }
        let item = match ahead.parse::<Option<Token![struct]>>()? {
            Some(_) => Item::Struct {
                name: ahead.parse()?,
                generics: ahead.parse()?,
            },
            None => Item::Other(ahead.parse()?),
        };
        // What follows is the user's own.
        input.parse::<TokenStream>()?;
        Ok(item)
    }
}

impl Module {
    /// Reads arguments and item; `None` where the item cannot be understood, which was reported.
    pub(super) fn read(cx: &Ctxt, args: TokenStream, item: TokenStream) -> Option<Self> {
        let args = attr::of_macro(cx, "module", KEYS, args);
        match cx.take(syn::parse2(item))? {
            Item::Struct { name, generics } => {
                generics::refuse(cx, &generics, GENERIC);
                let module = Self::with_parts(cx, &args, syn::parse_quote!(#name), &name);
                // There is no such type without its parameters.
                generics.params.is_empty().then_some(module)
            }
            Item::Impl(block) => {
                let name = block.name(cx, "module", GENERIC)?;
                block.check_others(cx, MARKERS);
                let mut module = Self::with_parts(cx, &args, block.self_ty, &name);
                for method in &block.methods {
                    module.read_method(cx, method);
                }
                Some(module)
            }
            Item::Other(keyword) => {
                cx.error(
                    keyword,
                    "`#[module]` goes on a struct, or on the impl block of one with `#[on]` and `#[handle]` methods",
                );
                None
            }
        }
    }

    fn with_parts(cx: &Ctxt, args: &Args, self_ty: Type, name: &Ident) -> Self {
        Self {
            self_ty,
            name: args
                .name(cx, "name")
                .map_or_else(|| names::snake_case(name), |name| name.value()),
            runtime: attr::runtime(cx, args),
            aggregates: args.list(cx, "aggregates"),
            projections: args.list(cx, "projections"),
            tables: args.list(cx, "tables"),
            sagas: args.list(cx, "sagas"),
            event_handlers: Vec::new(),
            command_handlers: Vec::new(),
        }
    }

    fn read_method(&mut self, cx: &Ctxt, method: &Method) {
        let Some((marker, attr)) = method::marker(cx, method, MARKERS) else {
            return;
        };
        let replay = match marker {
            "on" => {
                let args = attr::of_helper(cx, "on", ON_KEYS, attr);
                args.key("replay").is_some()
            }
            _ => {
                attr::bare(cx, marker, attr);
                false
            }
        };
        method::refuse_unsafe_and_generic(cx, marker, &method.sig);
        check_async_and_self(cx, marker, &method.sig);
        match marker {
            "on" => {
                self.event_handlers
                    .extend(EventHandler::read(cx, method, replay, &self.self_ty))
            }
            _ => self
                .command_handlers
                .extend(CommandHandler::read(cx, method, &self.self_ty)),
        }
    }
}

impl EventHandler {
    fn read(cx: &Ctxt, method: &Method, replay: bool, self_ty: &Type) -> Option<Self> {
        let sig = &method.sig;
        let (marker, context) = match replay {
            false => ("on", "EventContext"),
            true => ("on(replay)", "ReplayContext"),
        };
        refuse_other_context(cx, replay, sig);
        let context = argument::context(cx, marker, "an event", context, sig);
        let output = method::output(cx, "on", sig, self_ty);
        Some(Self {
            method: sig.ident.clone(),
            cfgs: method::cfgs(method),
            event: argument::event(cx, "on", sig, self_ty)?,
            replay,
            context,
            output,
        })
    }
}

impl CommandHandler {
    fn read(cx: &Ctxt, method: &Method, self_ty: &Type) -> Option<Self> {
        let sig = &method.sig;
        let context = argument::context(cx, "handle", "a command", "ModuleContext", sig);
        let output = method::output(cx, "handle", sig, self_ty);
        Some(Self {
            method: sig.ident.clone(),
            cfgs: method::cfgs(method),
            command: argument::command(cx, sig, self_ty)?,
            context,
            output,
        })
    }
}

/// The context says whether the method may run in a replay, as its marker does.
fn refuse_other_context(cx: &Ctxt, replay: bool, sig: &Signature) {
    let Some(argument) = argument::all(sig).get(1).copied() else {
        return;
    };
    let ty = argument::taken(&argument.ty).1;
    let Some(name) = last_name(ty) else {
        return;
    };
    if replay && name == "EventContext" {
        cx.error(
            name,
            "an `#[on(replay)]` method may run in a replay, where nothing is dispatched: take `&ReplayContext`, or write `#[on]`",
        );
    }
    if !replay && name == "ReplayContext" {
        cx.error(
            name,
            "an `#[on]` method does not run in a replay: take `&EventContext`, or write `#[on(replay)]`",
        );
    }
}

fn check_async_and_self(cx: &Ctxt, marker: &str, sig: &Signature) {
    let method = method::called(marker);
    if sig.asyncness.is_none() {
        cx.error(
            sig.fn_token,
            format!("{method} of a module is async: write `async fn`"),
        );
    }
    let message =
        format!("{method} of a module takes `&self`: the module is shared by all that run at once");
    match (Receiver::of(sig), sig.receiver()) {
        (Receiver::Ref, _) => {}
        (_, Some(receiver)) => cx.error(receiver, message),
        (_, None) => cx.error(&sig.ident, message),
    }
}
