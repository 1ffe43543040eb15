//! The parameters of steps and compensations: results of other steps by their names, and the context by its type.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Pat, Signature, Type};

use crate::argument::{self, Taken};
use crate::ctxt::Ctxt;
use crate::impl_block::last_name;

/// One parameter.
pub(super) enum Parameter {
    /// `&SagaContext`, with its place.
    Context(Span),
    /// The result of a step.
    Result(ResultOf),
}

/// `reserve: &Reservation`
pub(super) struct ResultOf {
    /// What it is called, if that is a plain name.
    pub(super) name: Option<Ident>,
    /// The whole parameter.
    pub(super) tokens: TokenStream,
    /// Where its type begins and ends.
    pub(super) place: (Span, Span),
}

/// Those beside `self`, in order.
pub(super) fn read(cx: &Ctxt, sig: &Signature) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for parameter in argument::all(sig) {
        let (how, ty) = argument::taken(&parameter.ty);
        if let Type::ImplTrait(_) = ty {
            continue; // reported as generic
        }
        if how != Taken::Ref {
            let ty = ty.to_token_stream();
            cx.error(
                &parameter.ty,
                format!("this is taken by reference: write `&{ty}`"),
            );
        }
        if last_name(ty).is_some_and(|name| name == "SagaContext") {
            let another = |other: &Parameter| matches!(other, Parameter::Context(_));
            if parameters.iter().any(another) {
                cx.error(parameter, "the context is taken twice: remove one");
            }
            parameters.push(Parameter::Context(parameter.ty.span()));
            continue;
        }
        parameters.push(Parameter::Result(ResultOf {
            name: match &*parameter.pat {
                Pat::Ident(pattern) if pattern.subpat.is_none() => Some(pattern.ident.clone()),
                _ => None,
            },
            tokens: parameter.to_token_stream(),
            place: ends(&parameter.ty),
        }));
    }
    parameters
}

/// The first and the last token of a type: one span over both is not to be had.
fn ends(ty: &Type) -> (Span, Span) {
    let first = ty.span();
    let last = ty.to_token_stream().into_iter().last();
    (first, last.map_or(first, |last| last.span()))
}

/// The results among them.
pub(super) fn results(parameters: &[Parameter]) -> impl Iterator<Item = &ResultOf> {
    parameters.iter().filter_map(|parameter| match parameter {
        Parameter::Result(result) => Some(result),
        Parameter::Context(_) => None,
    })
}
