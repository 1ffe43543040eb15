//! What stands in for an aggregate that has mistakes, so that nothing else is said than these: not of each place that
//! dispatches to it, too.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericArgument, PathArguments, Type};

use super::model::{Aggregate, Handle};
use crate::event_set::{EventSet, Member};
use crate::runtime::Runtime;

pub(super) fn aggregate(model: &Aggregate) -> TokenStream {
    let Aggregate {
        self_ty,
        category,
        runtime,
        ..
    } = model;
    let (set, events) = events(model);
    let mut known = HashSet::new();
    let decisions = model
        .handles
        .iter()
        .filter(|handle| known.insert(handle.command.ty.to_string()))
        .map(|handle| decision(model, handle, &events));
    quote! {
        #set
        #[automatically_derived]
        impl #runtime::Aggregate for #self_ty {
            const CATEGORY: &'static #runtime::std::primitive::str = #category;
            type Event = #events;
            fn initial() -> #runtime::std::option::Option<Self> { #runtime::std::option::Option::None }
            fn apply(
                _: &mut #runtime::std::option::Option<Self>,
                _: &#events,
            ) -> #runtime::std::result::Result<(), #runtime::BrokenStream> {
                #runtime::std::unreachable!()
            }
            fn fits(_: #runtime::std::primitive::bool, _: &#events) -> #runtime::std::primitive::bool {
                #runtime::std::unreachable!()
            }
            fn commands() -> #runtime::std::vec::Vec<#runtime::CommandInfo> {
                #runtime::std::vec::Vec::new()
            }
            fn stored_commands() -> #runtime::std::vec::Vec<#runtime::StoredCommand> {
                #runtime::std::vec::Vec::new()
            }
        }
        #(#decisions)*
    }
}

/// The enum of those events that could be read, each once, and its name; that of an empty one, where the name is taken.
fn events(model: &Aggregate) -> (Option<TokenStream>, TokenStream) {
    let (name, runtime) = (&model.events, &model.runtime);
    let mut known = HashSet::new();
    let members = model
        .applies
        .iter()
        .filter(|apply| known.insert(apply.event.name.to_string()))
        .map(|apply| Member {
            event: &apply.event,
            cfgs: &apply.cfgs,
        });
    let set = EventSet {
        name,
        owner: crate::names::plain(&model.name),
        runtime,
        members: members.collect(),
    };
    match known.contains(&name.to_string()) {
        false => (Some(set.expand()), quote!(#name)),
        true => (None, quote!(#runtime::ByHand)),
    }
}

fn decision(model: &Aggregate, handle: &Handle, events: &TokenStream) -> TokenStream {
    let Aggregate {
        self_ty, runtime, ..
    } = model;
    let (cfgs, command) = (&handle.cfgs, &handle.command.ty);
    let error = error(handle, runtime);
    quote! {
        #(#cfgs)*
        #[automatically_derived]
        impl #runtime::CommandFor<#self_ty> for #command {
            type Error = #error;
            fn decide(
                &self,
                _: #runtime::Current<'_, #self_ty>,
                _: &#runtime::CommandContext,
            ) -> #runtime::std::result::Result<#runtime::std::vec::Vec<#events>, #runtime::Declined<#error>> {
                #runtime::std::unreachable!()
            }
        }
    }
}

/// The error of what is returned, as far as that can be read from it.
fn error(handle: &Handle, runtime: &Runtime) -> TokenStream {
    let infallible = quote!(#runtime::std::convert::Infallible);
    let Ok(Type::Path(output)) = syn::parse2(handle.output.clone()) else {
        return infallible;
    };
    let last = output.path.segments.last();
    let Some(last) = last.filter(|segment| segment.ident == "Result") else {
        return infallible;
    };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return infallible;
    };
    match arguments.args.iter().nth(1) {
        Some(GenericArgument::Type(error)) => quote!(#error),
        _ => infallible,
    }
}
