//! From the model to `impl Reacting`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::method::{OfEvent, Rejected};
use super::model::Reactions;
use crate::event_set::{EventSet, Member};
use crate::names;
use crate::place::{generated_at, located, variable};

pub(super) fn saga(model: &Reactions) -> TokenStream {
    let Reactions {
        self_ty,
        name,
        runtime,
        ..
    } = model;
    // Another name than any that the user's events may have, which it would hide.
    let events = format_ident!("__Event");
    let all = || model.starts.iter().chain(&model.ons);
    let set = EventSet {
        name: &events,
        owner: names::plain(&model.type_name),
        runtime,
        members: all()
            .map(|method| Member {
                event: &method.event,
                cfgs: &method.cfgs,
            })
            .collect(),
    };
    let set = set.expand();
    let (mut keys, mut begins, mut reacts) =
        (TokenStream::new(), TokenStream::new(), TokenStream::new());
    for method in all() {
        let (cfgs, variant) = (&method.cfgs, &method.event.name);
        // One of them is there: the check asks for it.
        let key = method.key.as_ref().or(model.key.as_ref());
        let key = key.map(|key| key.of_event(runtime));
        keys.extend(
            quote!(#(#cfgs)* #events::#variant(ref __event) => #runtime::Key::to_key(&#key),),
        );
    }
    let some = quote!(#runtime::std::option::Option::Some);
    for start in &model.starts {
        let (cfgs, variant, call) = (&start.cfgs, &start.event.name, call(model, start, false));
        begins.extend(quote!(#(#cfgs)* #events::#variant(ref __event) => #some(#call),));
        reacts.extend(quote!(#(#cfgs)* #events::#variant(_) => {}));
    }
    for on in &model.ons {
        let (cfgs, variant, call) = (&on.cfgs, &on.event.name, call(model, on, true));
        begins
            .extend(quote!(#(#cfgs)* #events::#variant(_) => #runtime::std::option::Option::None,));
        reacts.extend(quote!(#(#cfgs)* #events::#variant(ref __event) => #call,));
    }
    let timers = model.timers.iter().map(|timer| {
        let (cfgs, name) = (&timer.cfgs, &timer.name);
        quote!(#(#cfgs)* #name)
    });
    let fires = model.timers.iter().map(|timer| {
        let (cfgs, name, method) = (&timer.cfgs, &timer.name, &timer.method);
        let context = context(timer.context);
        let call =
            quote_spanned!(generated_at(method.span())=> <#self_ty>::#method(__state, #context));
        quote!(#(#cfgs)* #name => #call,)
    });
    let rejected = rejected(model);
    quote! {
        const _: () = {
            #set

            #[automatically_derived]
            impl #runtime::Reacting for #self_ty {
                const NAME: &'static #runtime::std::primitive::str = #name;
                const TIMERS: &'static [&'static #runtime::std::primitive::str] = &[#(#timers),*];
                type Event = #events;
                fn key(__event: &#events) -> #runtime::std::string::String {
                    match *__event { #keys }
                }
                fn begin(
                    __event: &#events,
                    __cx: &mut #runtime::Reactions,
                ) -> #runtime::std::option::Option<Self> {
                    match *__event { #begins }
                }
                fn react(&mut self, __event: &#events, __cx: &mut #runtime::Reactions) {
                    let __state = self;
                    match *__event { #reacts }
                }
                fn fire(&mut self, __timer: #runtime::std::primitive::usize, __cx: &mut #runtime::Reactions) {
                    let __state = self;
                    match #runtime::timer_name::<Self>(__timer) {
                        #(#fires)*
                        _ => {}
                    }
                }
                fn rejected(
                    &mut self,
                    __rejection: &#runtime::Rejection,
                    __cx: &mut #runtime::Reactions,
                ) -> #runtime::std::primitive::bool {
                    let __state = self;
                    #rejected
                }
            }
        };
    }
}

/// Calls the method of an event. Shown at the method's name.
fn call(model: &Reactions, method: &OfEvent, with_state: bool) -> TokenStream {
    let (self_ty, name) = (&model.self_ty, &method.method);
    let context = context(method.context);
    let state = with_state.then(|| quote!(__state,));
    quote_spanned!(generated_at(name.span())=> <#self_ty>::#name(#state __event, #context))
}

fn context(place: Option<Span>) -> Option<Ident> {
    place.map(|place| variable("__cx", Span::call_site(), place))
}

/// Without such a method there is no answer to a refusal.
fn rejected(model: &Reactions) -> TokenStream {
    let self_ty = &model.self_ty;
    let answer = |rejected: &Rejected| {
        let (method, output) = (&rejected.method, &rejected.output);
        let context = context(rejected.context);
        let runtime = located(&model.runtime, generated_at(output.span()));
        let into_answer = quote_spanned!(generated_at(output.span())=> <#output as #runtime::RejectedOutput>::into_answer);
        let call = quote_spanned!(generated_at(method.span())=> <#self_ty>::#method(__state, __rejection, #context));
        quote!(#into_answer(#call))
    };
    // Beside one without conditions there is no other.
    if let Some(always) = model.rejected.iter().find(|each| each.cfgs.is_empty()) {
        return answer(always);
    }
    let each = model.rejected.iter().map(|rejected| {
        let (cfgs, answer) = (&rejected.cfgs, answer(rejected));
        quote!(#(#cfgs)* { return #answer; })
    });
    quote! {
        #(#each)*
        #[allow(unreachable_code)]
        { false }
    }
}
