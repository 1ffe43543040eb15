use proc_macro2::TokenStream;
use quote::quote;

use super::*;
use crate::snapshot;

/// Each form once.
fn fulfilment() -> TokenStream {
    quote! {
        impl Fulfilment {
            #[start]
            fn begin(event: &OrderPlaced) -> Self { body!() }
            #[start(key = head.order)]
            fn again(event: &OrderReopened) -> Fulfilment { body!() }
            #[step(compensate = release)]
            async fn reserve(&self, cx: &SagaContext) -> Result<Reservation, StepError> { body!() }
            #[step(name = "pay", after(reserve), compensate = refund, retry(3, wait = "100ms"), timeout = "30s")]
            async fn charge(&self, cx: &SagaContext, reserve: &Reservation) -> Result<Payment, StepError> { body!() }
            #[step(after(charge), retry(2))]
            async fn ship(&mut self, charge: &Payment, reserve: &Reservation) -> Result<(), ShipError> { body!() }
            #[step(after(ship))]
            async fn thank(&self) { body!() }
            #[compensation(retry(5), timeout = "10s")]
            async fn release(&self, done: &Reservation, cx: &SagaContext) -> Result<(), StepError> { body!() }
            #[compensation(name = "pay_back")]
            async fn refund(&mut self, _: &Payment, reserve: &Reservation) { body!() }
            fn unmarked(&self) {}
        }
    }
}

#[test]
fn steps_with_compensations() {
    let expansion = attribute(quote!(key = order, name = "fulfil"), fulfilment());
    snapshot::check("saga/default", &expansion);
}

#[test]
fn sagas_that_no_event_starts() {
    let expansion = attribute(
        TokenStream::new(),
        quote! {
            impl Transfer {
                #[step]
                async fn withdraw(&self) -> Result<(), StepError> { body!() }
            }
        },
    );
    snapshot::check("saga/by_hand", &expansion);
}

#[test]
fn conditions_are_carried_along() {
    let expansion = attribute(
        quote!(key = order),
        quote! {
            impl Fulfilment {
                #[start]
                #[cfg(test)]
                fn begin(event: &OrderPlaced) -> Self { body!() }
                #[step(compensate = release)]
                #[cfg(test)]
                async fn reserve(&self) -> Result<(), StepError> { body!() }
                #[step]
                async fn charge(&self) -> Result<(), StepError> { body!() }
                #[compensation]
                #[cfg(test)]
                async fn release(&self) {}
            }
        },
    );
    snapshot::check("saga/conditions", &expansion);
}

#[test]
fn mistakes_leave_the_block() {
    let expansion = attribute(
        quote!(key = order.customer(), name = ""),
        quote! {
            impl Fulfilment {
                #[start]
                async fn begin(&self, event: OrderPlaced) {}
                #[step(after(nothing), retry(x), timeout = "soon")]
                fn reserve(self, other: Reservation) -> impl Sized {}
                #[compensation(after(reserve))]
                async fn release() {}
            }
        },
    );
    snapshot::check("saga/mistakes", &expansion);
}

#[test]
fn only_the_given_crate_is_named() {
    let expansion = attribute(quote!(key = order, crate = other::path), fulfilment());
    assert!(!snapshot::mentions(expansion, "orchestrix"));
}

#[test]
fn half_typed_blocks_are_left() {
    let expansion = attribute(
        TokenStream::new(),
        quote!(impl Fulfilment { #[step] async fn }),
    );
    snapshot::check("saga/half_typed", &expansion);
}

#[test]
fn reactions() {
    let expansion = attribute(
        quote!(key = order, name = "deadline"),
        quote! {
            impl PaymentDeadline {
                #[start]
                fn placed(event: &OrderPlaced, cx: &mut Reactions) -> Self { body!() }
                #[start(key = head.order)]
                fn again(event: &OrderReopened) -> PaymentDeadline { body!() }
                #[on]
                fn paid(&mut self, event: &PaymentTaken, cx: &mut Reactions) { body!() }
                #[on(key = number)]
                #[cfg(test)]
                fn noted(&mut self, event: &Noted) { body!() }
                #[timer]
                fn overdue(&mut self, cx: &mut Reactions) { body!() }
                #[timer(name = "late")]
                fn very_overdue(&mut self) { body!() }
                #[rejected]
                fn refused(&mut self, rejection: &Rejection, cx: &mut Reactions) -> bool { body!() }
                fn unmarked(&self) {}
            }
        },
    );
    snapshot::check("saga/reactions", &expansion);
}

#[test]
fn refusals_under_conditions() {
    let expansion = attribute(
        quote!(key = order),
        quote! {
            impl PaymentDeadline {
                #[start]
                fn placed(event: &OrderPlaced) -> Self { body!() }
                #[rejected]
                #[cfg(test)]
                fn refused(&mut self, rejection: &Rejection) { body!() }
            }
        },
    );
    snapshot::check("saga/reactions_conditions", &expansion);
}
