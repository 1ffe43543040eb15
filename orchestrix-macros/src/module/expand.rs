//! From the model to `impl Module` and what belongs to it.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::model::{CommandHandler, EventHandler, Module};
use crate::names;
use crate::place::{located, variable};

pub(super) fn module(model: &Module) -> TokenStream {
    let Module {
        self_ty,
        name,
        runtime,
        aggregates,
        projections,
        tables,
        sagas,
        ..
    } = model;
    let event_handlers = model
        .event_handlers
        .iter()
        .map(|handler| event_handler(model, handler));
    let command_handlers =
        model
            .command_handlers
            .iter()
            .map(|CommandHandler { cfgs, command, .. }| {
                let ty = &command.ty;
                quote! {
                    #(#cfgs)*
                    __parts.command::<#ty, Self>();
                    #(#cfgs)*
                    __parts.stored_command(#runtime::stored_command!(#ty, #runtime::ToModule<#self_ty>));
                }
            });
    // A variable of its own: `self` would be taken for the user's where the method is shown.
    let shared = match model.event_handlers.is_empty() {
        true => None,
        false => Some(quote!(let __module = self;)),
    };
    let commands = model
        .command_handlers
        .iter()
        .map(|handler| command(model, handler));
    quote! {
        #[automatically_derived]
        impl #runtime::Module for #self_ty {
            fn name(&self) -> &'static #runtime::std::primitive::str {
                #name
            }
            fn register(self: #runtime::std::sync::Arc<Self>, __parts: &mut #runtime::Parts) {
                #shared
                #(__parts.aggregate::<#aggregates>();)*
                #(__parts.projection::<#projections>();)*
                #(__parts.tables::<#tables>();)*
                #(#runtime::saga::<#sagas, _>(__parts);)*
                #(#event_handlers)*
                #(#command_handlers)*
            }
        }
        #(#commands)*
    }
}

/// Shown at the method's name: what rustc can find wrong is its future.
fn event_handler(model: &Module, handler: &EventHandler) -> TokenStream {
    let EventHandler {
        method,
        cfgs,
        event,
        output,
        ..
    } = handler;
    let place = method.span();
    let runtime = located(&model.runtime, place);
    let (self_ty, event, name) = (&model.self_ty, &event.ty, names::plain(method));
    let context = handler.context.map(|at| variable("__cx", place, at));
    let shared = variable("__module", Span::call_site(), place);
    let result =
        quote_spanned!(output.span()=> <#output as #runtime::EventHandlerOutput>::into_result);
    let parts = variable("__parts", Span::call_site(), event.span());
    let on = match handler.replay {
        false => quote_spanned!(place=> on),
        true => quote_spanned!(place=> on_replay),
    };
    quote_spanned! {place=>
        #(#cfgs)*
        #parts.#on::<#event, _>(#name, {
            let __module = #runtime::std::clone::Clone::clone(&#shared);
            move |__event, __cx| {
                let __module = #runtime::std::clone::Clone::clone(&__module);
                #runtime::std::boxed::Box::pin(async move {
                    #result(<#self_ty>::#method(&__module, &__event, #context).await)
                })
            }
        });
    }
}

/// Shown at the returned type, as if the user had written it there: that is what rustc can find wrong.
fn command(model: &Module, handler: &CommandHandler) -> TokenStream {
    let CommandHandler {
        method,
        cfgs,
        output,
        ..
    } = handler;
    let place = output.span();
    let runtime = located(&model.runtime, place);
    let (self_ty, command) = (&model.self_ty, &handler.command.ty);
    let given = match handler.command.by_value {
        true => quote_spanned!(place=> self),
        false => quote_spanned!(place=> &self),
    };
    let context = handler.context.map(|at| variable("__cx", place, at));
    let result = quote_spanned!(place=> <#output as #runtime::ModuleOutput>);
    quote_spanned! {place=>
        #(#cfgs)*
        #[automatically_derived]
        impl #runtime::ModuleCommand<#self_ty> for #command {
            type Output = #result::Output;
            type Error = #result::Error;
            async fn handle(
                self,
                __module: &#self_ty,
                __cx: &#runtime::ModuleContext,
            ) -> #runtime::std::result::Result<#result::Output, #result::Error> {
                #result::into_result(<#self_ty>::#method(__module, #given, #context).await)
            }
        }
    }
}
