use proc_macro2::TokenStream;
use quote::quote;

use super::*;
use crate::snapshot;

#[test]
fn a_struct() {
    let expansion = attribute(
        quote!(
            aggregates(Account, orders::Order),
            projections(Balance),
            sagas(Transfer),
            name = "the bank"
        ),
        quote! {
            /// Kept.
            #[derive(Debug)]
            pub struct Bank { mail: Mailer }
        },
    );
    snapshot::check("module/struct", &expansion);
}

#[test]
fn an_impl_block() {
    let expansion = attribute(
        quote!(aggregates(Order)),
        quote! {
            impl OnlineOrdering {
                #[on]
                async fn thank(&self, event: &OrderPlaced, cx: &EventContext) -> Result<(), MailError> { body!() }
                #[on]
                #[cfg(test)]
                async fn count(&self, _: &OrderPlaced) {}
                #[on(replay)]
                async fn index(&self, event: &OrderPlaced, cx: &ReplayContext) {}
                #[handle]
                async fn checkout(&self, cmd: Checkout, cx: &ModuleContext) -> Result<OrderId, Refused> { body!() }
                #[handle]
                #[cfg(test)]
                async fn look(&self, cmd: &Look) -> Result<(), Refused> { body!() }
                fn unmarked() {}
            }
        },
    );
    snapshot::check("module/impl", &expansion);
}

#[test]
fn mistakes_leave_the_item() {
    let expansion = attribute(
        quote!(aggregates(A, A), policies(B)),
        quote! {
            impl Ordering {
                #[on]
                fn thank(event: &OrderPlaced) {}
                #[handle]
                async fn checkout(&mut self) {}
            }
        },
    );
    snapshot::check("module/mistakes", &expansion);
}

#[test]
fn half_typed_items_are_left() {
    let expansion = attribute(quote!(aggregates(A,, ), proj), quote!(pub struct ));
    snapshot::check("module/half_typed", &expansion);
}

#[test]
fn only_the_given_crate_is_named() {
    let expansion = attribute(
        quote!(crate = other::path, aggregates(A), projections(B), sagas(C)),
        quote! {
            impl Ordering {
                #[on]
                async fn thank(&self, event: &OrderPlaced) {}
                #[handle]
                async fn checkout(&self, cmd: Checkout) -> Result<(), E> {}
            }
        },
    );
    assert!(!snapshot::mentions(expansion, "orchestrix"));
}

#[test]
fn no_arguments_are_fine() {
    let expansion = attribute(
        TokenStream::new(),
        quote!(
            struct Empty;
        ),
    );
    snapshot::check("module/empty", &expansion);
}
