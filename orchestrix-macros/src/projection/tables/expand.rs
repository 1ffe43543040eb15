//! From the model to `impl TableProjection`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::model::{Apply, Care, Tables};
use crate::event_set::{EventSet, Member};
use crate::place::{located, variable};

pub(super) fn tables(model: &Tables) -> TokenStream {
    let Tables {
        self_ty,
        name,
        version,
        store,
        runtime,
        ..
    } = model;
    // Another name than any that the user's events may have, which it would hide.
    let events = format_ident!("__Events");
    let members = model.applies.iter().map(|apply| Member {
        event: &apply.event,
        cfgs: &apply.cfgs,
    });
    let set = EventSet {
        name: &events,
        owner: crate::names::plain(&model.type_name),
        runtime,
        members: members.collect(),
    };
    let set = set.expand();
    let care = |methods: &[Care]| -> TokenStream {
        methods.iter().map(|method| cares(model, method)).collect()
    };
    let (create, clear) = (care(&model.creates), care(&model.clears));
    let applies = model.applies.iter().map(|apply| {
        let (cfgs, variant) = (&apply.cfgs, &apply.event.name);
        let call = applies(model, apply);
        quote!(#(#cfgs)* #events::#variant(ref __event) => #call)
    });
    let result = quote!(#runtime::std::result::Result<(), #runtime::BoxError>);
    quote! {
        const _: () = {
            #set

            #[automatically_derived]
            impl #runtime::TableProjection for #self_ty {
                const NAME: &'static #runtime::std::primitive::str = #name;
                const VERSION: #runtime::std::primitive::u32 = #version;
                type Event = #events;
                type Store = #store;
                async fn create(__tx: &mut #runtime::TransactionOf<Self>) -> #result { #create }
                async fn clear(__tx: &mut #runtime::TransactionOf<Self>) -> #result { #clear }
                async fn apply(
                    __event: &#events,
                    __recorded: &#runtime::RecordedEvent,
                    __tx: &mut #runtime::TransactionOf<Self>,
                ) -> #result {
                    match *__event { #(#applies),* }
                }
            }
        };
    }
}

/// A call of a `#[create]` or `#[clear]` method.
fn cares(model: &Tables, method: &Care) -> TokenStream {
    let tx = variable("__tx", Span::call_site(), method.transaction);
    given(model, &method.output, &method.method, quote!(#tx))
}

/// A call of an `#[apply]` method with `__event`.
fn applies(model: &Tables, apply: &Apply) -> TokenStream {
    let recorded = apply.recorded.map(|place| {
        let recorded = variable("__recorded", Span::call_site(), place);
        quote!(#recorded,)
    });
    let tx = variable("__tx", Span::call_site(), apply.transaction);
    let arguments = quote!(__event, #recorded #tx);
    given(model, &apply.output, &apply.method, arguments)
}

/// What a method gives, shown at the returned type: that is what rustc can find wrong.
fn given(
    model: &Tables,
    output: &TokenStream,
    method: &proc_macro2::Ident,
    arguments: TokenStream,
) -> TokenStream {
    let self_ty = &model.self_ty;
    let runtime = located(&model.runtime, output.span());
    let result = quote_spanned!(output.span()=> <#output as #runtime::TableOutput>::into_result);
    quote!(#result(<#self_ty>::#method(#arguments).await))
}
