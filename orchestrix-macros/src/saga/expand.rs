//! From the model to `impl Saga`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::expand_steps;
use super::model::Saga;
use crate::event_set::{EventSet, Member};
use crate::names;

pub(super) fn saga(model: &Saga) -> TokenStream {
    let Saga {
        self_ty,
        name,
        runtime,
        ..
    } = model;
    let (set, start) = starts(model);
    let steps = model
        .steps
        .iter()
        .map(|step| expand_steps::description(model, step));
    let runs = model
        .steps
        .iter()
        .map(|step| expand_steps::run(model, step));
    let compensations = model
        .steps
        .iter()
        .filter_map(|step| expand_steps::compensate(model, step));
    quote! {
        const _: () = {
            #set

            #[automatically_derived]
            impl #runtime::Saga for #self_ty {
                const NAME: &'static #runtime::std::primitive::str = #name;
                const STEPS: &'static [#runtime::Step] = &[#(#steps),*];
                #start
                fn run<'__run>(
                    &'__run mut self,
                    __step: #runtime::std::primitive::usize,
                    __cx: &'__run #runtime::SagaContext,
                ) -> #runtime::StepFuture<'__run> {
                    let __state = self;
                    match #runtime::step_name::<Self>(__step) {
                        #(#runs)*
                        __other => #runtime::no_step(__other),
                    }
                }
                fn compensate<'__run>(
                    &'__run mut self,
                    __step: #runtime::std::primitive::usize,
                    __cx: &'__run #runtime::SagaContext,
                ) -> #runtime::CompensationFuture<'__run> {
                    let __state = self;
                    match #runtime::step_name::<Self>(__step) {
                        #(#compensations)*
                        __other => #runtime::no_compensation(__other),
                    }
                }
            }
        };
    }
}

/// The events that start it, and what the trait asks about them.
fn starts(model: &Saga) -> (Option<TokenStream>, TokenStream) {
    let Saga {
        self_ty, runtime, ..
    } = model;
    let string = quote!(#runtime::std::string::String);
    if model.starts.is_empty() {
        let none = quote! {
            type Start = #runtime::ByHand;
            fn key(__event: &#runtime::ByHand) -> #string {
                match *__event {}
            }
            fn begin(__event: &#runtime::ByHand) -> Self {
                match *__event {}
            }
        };
        return (None, none);
    }
    // Another name than any that the user's events may have, which it would hide.
    let events = format_ident!("__Start");
    let members = model.starts.iter().map(|start| Member {
        event: &start.event,
        cfgs: &start.cfgs,
    });
    let set = EventSet {
        name: &events,
        owner: names::plain(&model.type_name),
        runtime,
        members: members.collect(),
    };
    let (mut keys, mut begun) = (TokenStream::new(), TokenStream::new());
    for start in &model.starts {
        let (cfgs, method, variant) = (&start.cfgs, &start.method, &start.event.name);
        // One of them is there: the check asks for it.
        let key = start.key.as_ref().or(model.key.as_ref());
        let key = key.map(|key| key.of_event(runtime));
        keys.extend(
            quote!(#(#cfgs)* #events::#variant(ref __event) => #runtime::Key::to_key(&#key),),
        );
        begun.extend(
            quote!(#(#cfgs)* #events::#variant(ref __event) => <#self_ty>::#method(__event),),
        );
    }
    let start = quote! {
        type Start = #events;
        fn key(__event: &#events) -> #string {
            match *__event { #keys }
        }
        fn begin(__event: &#events) -> Self {
            match *__event { #begun }
        }
    };
    (Some(set.expand()), start)
}
