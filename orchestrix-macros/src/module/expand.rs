//! From the model to `impl Module` and what belongs to it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::model::{CommandHandler, EventHandler, Module};
use crate::names;
use crate::place::variable;

pub(super) fn module(model: &Module) -> TokenStream {
    let Module {
        self_ty,
        name,
        runtime,
        aggregates,
        projections,
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
                quote!(#(#cfgs)* __parts.command::<#ty, Self>();)
            });
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
                #(__parts.aggregate::<#aggregates>();)*
                #(__parts.projection::<#projections>();)*
                #(#event_handlers)*
                #(#command_handlers)*
            }
        }
        #(#commands)*
    }
}

fn event_handler(model: &Module, handler: &EventHandler) -> TokenStream {
    let Module {
        self_ty, runtime, ..
    } = model;
    let EventHandler {
        method,
        cfgs,
        event,
        output,
        ..
    } = handler;
    let (ty, name) = (&event.ty, names::plain(method));
    let context = handler.context.map(|place| variable("__cx", place));
    let result =
        quote_spanned!(output.span()=> <#output as #runtime::EventHandlerOutput>::into_result);
    quote! {
        #(#cfgs)*
        __parts.on::<#ty, _>(#name, {
            let __module = #runtime::std::clone::Clone::clone(&self);
            move |__event, __cx| {
                let __module = #runtime::std::clone::Clone::clone(&__module);
                #runtime::std::boxed::Box::pin(async move {
                    #result(<#self_ty>::#method(&*__module, &*__event, #context).await)
                })
            }
        });
    }
}

fn command(model: &Module, handler: &CommandHandler) -> TokenStream {
    let Module {
        self_ty, runtime, ..
    } = model;
    let CommandHandler {
        method,
        cfgs,
        command,
        output,
        ..
    } = handler;
    let ty = &command.ty;
    let given = match command.by_value {
        true => quote!(self),
        false => quote!(&self),
    };
    let context = handler.context.map(|place| variable("__cx", place));
    let result = quote_spanned!(output.span()=> <#output as #runtime::ModuleOutput>);
    quote! {
        #(#cfgs)*
        #[automatically_derived]
        impl #runtime::ModuleCommand<#self_ty> for #ty {
            type Output = #result::Output;
            type Error = #result::Error;
            async fn handle(
                self,
                __module: &#self_ty,
                __cx: &#runtime::ModuleContext,
            ) -> #runtime::std::result::Result<Self::Output, Self::Error> {
                #result::into_result(<#self_ty>::#method(__module, #given, #context).await)
            }
        }
    }
}
