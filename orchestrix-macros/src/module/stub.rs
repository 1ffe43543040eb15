//! What stands in for a module that has mistakes, so that nothing else is said than these.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::model::{CommandHandler, Module};
use crate::argument;

pub(super) fn module(model: &Module) -> TokenStream {
    let Module {
        self_ty,
        name,
        runtime,
        ..
    } = model;
    let mut known = HashSet::new();
    let commands = model
        .command_handlers
        .iter()
        .filter(|handler| !argument::mentions(handler.output.clone(), "impl"))
        .filter(|handler| known.insert(handler.command.ty.to_string()))
        .map(|handler| command(model, handler));
    quote! {
        #[automatically_derived]
        impl #runtime::Module for #self_ty {
            fn name(&self) -> &'static #runtime::std::primitive::str {
                #name
            }
            fn register(self: #runtime::std::sync::Arc<Self>, _: &mut #runtime::Parts) {}
        }
        #(#commands)*
    }
}

fn command(model: &Module, handler: &CommandHandler) -> TokenStream {
    let Module {
        self_ty, runtime, ..
    } = model;
    let (cfgs, command, output) = (&handler.cfgs, &handler.command.ty, &handler.output);
    let result = quote!(<#output as #runtime::ModuleOutput>);
    quote! {
        #(#cfgs)*
        #[automatically_derived]
        impl #runtime::ModuleCommand<#self_ty> for #command {
            type Output = #result::Output;
            type Error = #result::Error;
            async fn handle(
                self,
                _: &#self_ty,
                _: &#runtime::ModuleContext,
            ) -> #runtime::std::result::Result<#result::Output, #result::Error> {
                #runtime::std::unreachable!()
            }
        }
    }
}
