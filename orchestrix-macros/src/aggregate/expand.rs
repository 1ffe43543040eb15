//! From the model to `impl Aggregate` and what belongs to it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::model::{Aggregate, Apply, Handle};
use crate::argument::EventArgument;
use crate::event_set::{Compiled, EventSet, Member};
use crate::place::{located, variable};

pub(super) fn aggregate(model: &Aggregate) -> TokenStream {
    let members = model.applies.iter().map(|apply| Member {
        event: &apply.event,
        cfgs: &apply.cfgs,
    });
    let set = EventSet {
        name: &model.events,
        owner: crate::names::plain(&model.name),
        runtime: &model.runtime,
        members: members.collect(),
    };
    let set = set.expand();
    let events = &model.events;
    let itself = returnable(model, &quote!(), &quote!(#events), &quote!(self));
    let each = model.applies.iter().map(|Apply { event, cfgs, .. }| {
        let EventArgument { ty, name } = event;
        returnable(model, &quote!(#(#cfgs)*), ty, &quote!(#events::#name(self)))
    });
    let state = state(model);
    let decisions = model.handles.iter().map(|handle| decision(model, handle));
    quote! {
        #set
        #itself
        #(#each)*
        #state
        #(#decisions)*
    }
}

/// That a handler may return this type.
fn returnable(
    model: &Aggregate,
    cfgs: &TokenStream,
    ty: &TokenStream,
    event: &TokenStream,
) -> TokenStream {
    let Aggregate {
        runtime, events, ..
    } = model;
    quote! {
        #cfgs
        #[automatically_derived]
        impl #runtime::IntoEvents<#events> for #ty {
            fn into_events(self, __out: &mut #runtime::std::vec::Vec<#events>) {
                __out.push(#event);
            }
        }
        #cfgs
        #[automatically_derived]
        impl #runtime::HandlerOutput<#events> for #ty {
            type Error = #runtime::std::convert::Infallible;
            fn into_outcome(self) -> #runtime::std::result::Result<#runtime::std::vec::Vec<#events>, Self::Error> {
                #runtime::one_event(#event)
            }
        }
    }
}

fn state(model: &Aggregate) -> TokenStream {
    let Aggregate {
        self_ty,
        category,
        events,
        runtime,
        ..
    } = model;
    let constructs = Compiled::any(
        model
            .applies
            .iter()
            .filter(|apply| apply.constructs)
            .map(|apply| &apply.cfgs[..]),
    );
    let none = quote!(#runtime::std::option::Option::None);
    let default = quote_spanned! {self_ty.span()=>
        #runtime::std::option::Option::Some(#runtime::begin::<#self_ty>())
    };
    let initial = constructs.choose(none, default);
    let applications = model.applies.iter().map(|Apply { method, cfgs, event, constructs }| {
        let variant = &event.name;
        let application = match constructs {
            true => quote!(#runtime::construct(__state, || <#self_ty>::#method(__event))),
            false => quote!(#runtime::change(__state, |__state| <#self_ty>::#method(__state, __event))),
        };
        quote!(#(#cfgs)* #events::#variant(ref __event) => #application,)
    });
    let fits = model.applies.iter().map(
        |Apply {
             cfgs,
             event,
             constructs,
             ..
         }| {
            let variant = &event.name;
            let fits = match constructs {
                true => quote!(!__state_exists),
                false => quote!(__state_exists),
            };
            quote!(#(#cfgs)* #events::#variant(_) => #fits,)
        },
    );
    let commands = model.handles.iter().map(|Handle { cfgs, command, .. }| {
        let ty = &command.ty;
        quote!(#(#cfgs)* #runtime::command_info::<#ty, #self_ty>())
    });
    let stored = model.handles.iter().map(|Handle { cfgs, command, .. }| {
        let ty = &command.ty;
        quote!(#(#cfgs)* #runtime::stored_command!(#ty, #runtime::ToAggregate<#self_ty>))
    });
    quote! {
        #[automatically_derived]
        impl #runtime::Aggregate for #self_ty {
            const CATEGORY: &'static #runtime::std::primitive::str = #category;
            type Event = #events;
            fn initial() -> #runtime::std::option::Option<Self> { #initial }
            fn apply(
                __state: &mut #runtime::std::option::Option<Self>,
                __event: &#events,
            ) -> #runtime::std::result::Result<(), #runtime::BrokenStream> {
                match *__event { #(#applications)* }
            }
            fn fits(__state_exists: #runtime::std::primitive::bool, __event: &#events) -> #runtime::std::primitive::bool {
                match *__event { #(#fits)* }
            }
            fn commands() -> #runtime::std::vec::Vec<#runtime::CommandInfo> {
                #runtime::all_commands([#(#commands),*])
            }
            fn stored_commands() -> #runtime::std::vec::Vec<#runtime::StoredCommand> {
                #runtime::all_stored([#(#stored),*])
            }
        }
    }
}

/// All of it is shown at the returned type, as if the user had written it there: that is what rustc can find wrong, and
/// it then says so once.
fn decision(model: &Aggregate, handle: &Handle) -> TokenStream {
    let Handle {
        method,
        cfgs,
        output,
        ..
    } = handle;
    let place = output.span();
    let runtime = located(&model.runtime, place);
    let (self_ty, events, command) = (&model.self_ty, &model.events, &handle.command.ty);
    let outcome = quote_spanned!(place=> <#output as #runtime::HandlerOutput<#events>>);
    let (needs, bound, state) = match handle.creates {
        true => (
            quote_spanned!(place=> absent),
            quote_spanned!(place=> ()),
            None,
        ),
        false => (
            quote_spanned!(place=> existing),
            quote_spanned!(place=> __state),
            Some(quote_spanned!(place=> __state,)),
        ),
    };
    let creates = handle
        .creates
        .then(|| quote_spanned!(place=> const CREATES: #runtime::std::primitive::bool = true;));
    let given = match handle.command.by_value {
        true => quote_spanned!(place=> #runtime::duplicate::<#command, #self_ty>(self)),
        false => quote_spanned!(place=> self),
    };
    let context = handle.context.map(|at| variable("__cx", place, at));
    quote_spanned! {place=>
        #(#cfgs)*
        #[automatically_derived]
        impl #runtime::CommandFor<#self_ty> for #command {
            type Error = #outcome::Error;
            #creates
            fn decide(
                &self,
                __current: #runtime::Current<'_, #self_ty>,
                __cx: &#runtime::CommandContext,
            ) -> #runtime::std::result::Result<#runtime::std::vec::Vec<#events>, #runtime::Declined<#outcome::Error>> {
                __current.#needs().and_then(|#bound| {
                    #outcome::into_outcome(<#self_ty>::#method(#state #given, #context))
                        .map_err(#runtime::Declined::Rejected)
                })
            }
        }
    }
}
