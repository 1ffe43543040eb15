//! What is written for each step: its description, how it runs, and how it is undone.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::arguments::Parameter;
use super::duration::Retry;
use super::graph::place_of;
use super::model::Saga;
use super::part::{Part, Step};
use crate::place::{generated_at, located, variable};
use crate::runtime::Runtime;

/// Its element of `STEPS`.
pub(super) fn description(model: &Saga, step: &Step) -> TokenStream {
    let runtime = &model.runtime;
    let mut fields = common(runtime, &step.part);
    if !step.after.is_empty() {
        let names = step.after.iter().filter_map(|method| {
            let before = model.steps.get(place_of(model, method)?)?;
            Some(&before.part.name)
        });
        fields.extend(quote!(after: &[#(#names),*],));
    }
    if let Some(undo) = undoing(model, step) {
        let described = described(runtime, "Compensation", &undo.name, &common(runtime, undo));
        fields.extend(quote!(compensation: #runtime::std::option::Option::Some(#described),));
    }
    let (cfgs, described) = (
        &step.part.cfgs,
        described(runtime, "Step", &step.part.name, &fields),
    );
    quote!(#(#cfgs)* #described)
}

/// The struct with these fields, and the others as they are without an attribute.
fn described(runtime: &Runtime, of: &str, name: &str, fields: &TokenStream) -> TokenStream {
    let of = Ident::new(of, Span::call_site());
    match fields.is_empty() {
        true => quote!(#runtime::#of::new(#name)),
        false => quote!(#runtime::#of { #fields ..#runtime::#of::new(#name) }),
    }
}

/// The fields that both have, where the user said something.
fn common(runtime: &Runtime, part: &Part) -> TokenStream {
    let mut fields = TokenStream::new();
    if let Some(Retry { retries, first }) = &part.retry {
        let retry = match first {
            None => quote!(#runtime::StepRetry::times(#retries)),
            Some(first) => quote!(#runtime::step_retry(#retries, #first)),
        };
        fields.extend(quote!(retry: #retry,));
    }
    if let Some(timeout) = part.timeout {
        fields.extend(quote!(timeout: #runtime::std::time::Duration::from_millis(#timeout),));
    }
    if part.changes.is_some() {
        fields.extend(quote!(changes_state: true,));
    }
    fields
}

fn undoing<'a>(model: &'a Saga, step: &Step) -> Option<&'a Part> {
    let name = step.compensate.as_ref()?;
    let undo = model
        .compensations
        .iter()
        .find(|undo| undo.part.method == *name)?;
    Some(&undo.part)
}

/// Its arm of `run`.
pub(super) fn run(model: &Saga, step: &Step) -> TokenStream {
    arm(model, step, &step.part, "StepOutput", "into_payload")
}

/// Its arm of `compensate`, if it is undone.
pub(super) fn compensate(model: &Saga, step: &Step) -> Option<TokenStream> {
    let undo = undoing(model, step)?;
    Some(arm(model, step, undo, "CompensationOutput", "into_result"))
}

/// Calls one of the methods of a step. Shown at the method's name: what rustc can find wrong is its future.
fn arm(model: &Saga, step: &Step, called: &Part, output: &str, give: &str) -> TokenStream {
    let self_ty = &model.self_ty;
    let (cfgs, name) = (&step.part.cfgs, &step.part.name);
    let (method, returned) = (&called.method, &called.output);
    let (mut results, mut arguments) = (TokenStream::new(), Vec::new());
    for (number, parameter) in called.parameters.iter().enumerate() {
        arguments.push(match parameter {
            Parameter::Context(place) => {
                variable("__cx", Span::call_site(), *place).to_token_stream()
            }
            Parameter::Result(result) => {
                // What is called like no step is the result of the one that is undone.
                let from = result.name.as_ref();
                let from = from.and_then(|name| model.steps.get(place_of(model, name)?));
                let (first, last) = result.place;
                let (first, last) = (generated_at(first), generated_at(last));
                let variable = format_ident!("__result_{number}", span = last);
                results.extend(read(model, from.unwrap_or(step), &variable, first));
                let borrowed = quote_spanned!(first=> &);
                quote!(#borrowed #variable)
            }
        });
    }
    let place = generated_at(method.span());
    let returned_at = generated_at(returned.span());
    let runtime = located(&model.runtime, returned_at);
    let (output, give) = (
        Ident::new(output, returned_at),
        Ident::new(give, returned_at),
    );
    let give = quote_spanned!(returned_at=> <#returned as #runtime::#output>::#give);
    let runtime = located(&model.runtime, place);
    quote_spanned! {place=>
        #(#cfgs)*
        #name => #runtime::std::boxed::Box::pin(async move {
            #results
            #give(<#self_ty>::#method(__state, #(#arguments),*).await)
        }),
    }
}

/// Reads the result of a step into a variable.
fn read(model: &Saga, from: &Step, into: &Ident, place: Span) -> TokenStream {
    let (returned, name) = (&from.part.output, &from.part.name);
    let runtime = located(&model.runtime, place);
    quote_spanned! {place=>
        let #into = __cx.result::<<#returned as #runtime::StepOutput>::Value>(#name)?;
    }
}
