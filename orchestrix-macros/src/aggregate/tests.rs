use proc_macro2::TokenStream;
use quote::quote;

use super::*;
use crate::snapshot;

#[test]
fn a_constructed_state() {
    let expansion = attribute(
        TokenStream::new(),
        quote! {
            /// Kept.
            impl Account {
                const LIMIT: i64 = 5;
                /// Kept.
                #[handle]
                pub fn open(cmd: OpenAccount) -> Result<AccountOpened, AccountError> { body!() }
                #[apply]
                fn opened(_: &AccountOpened) -> Self { Account { balance: 0 } }
                #[handle]
                fn deposit(&self, cmd: &Deposit, cx: &CommandContext) -> (events::Deposited, Option<Noted>) { body!() }
                #[apply]
                fn deposited(&mut self, event: &events::Deposited) { self.balance += event.pence }
                fn unmarked(&self) {}
            }
        },
    );
    snapshot::check("aggregate/constructed", &expansion);
}

#[test]
fn a_default_state() {
    let expansion = attribute(
        quote!(category = "meters", events = Readings),
        quote! {
            impl Meter {
                #[apply]
                fn read(&mut self, event: &Read) {}
                #[handle]
                fn check(&self, cmd: Check) {}
            }
        },
    );
    snapshot::check("aggregate/default", &expansion);
}

#[test]
fn conditions_are_carried_along() {
    let expansion = attribute(
        TokenStream::new(),
        quote! {
            impl Meter {
                #[cfg(unix)]
                #[cfg(test)]
                #[apply]
                fn begun(event: &Begun) -> Meter { Meter }
                #[apply]
                #[cfg(test)]
                fn read(&mut self, event: &Read) {}
                #[handle]
                #[cfg(windows)]
                fn check(cmd: Check) -> Read { Read }
            }
        },
    );
    snapshot::check("aggregate/conditions", &expansion);
}

#[test]
fn mistakes_leave_the_block() {
    let expansion = attribute(
        quote!(category = "a-b", evnets = X),
        quote! {
            impl Account {
                #[handle]
                async fn open(cmd: OpenAccount) -> AccountOpened { half typed }
                #[apply]
                fn opened(&self, event: AccountOpened) {}
            }
        },
    );
    snapshot::check("aggregate/mistakes", &expansion);
}

#[test]
fn half_typed_bodies_do_not_hide_the_rest() {
    let expansion = attribute(
        TokenStream::new(),
        quote! {
            impl Account {
                #[apply]
                fn opened(event: &AccountOpened) -> Self { Account { balance: event. } }
            }
        },
    );
    snapshot::check("aggregate/half_typed_body", &expansion);
}

#[test]
fn half_typed_signatures_leave_the_block() {
    let expansion = attribute(
        TokenStream::new(),
        quote! {
            impl Account {
                #[handle]
                fn open(cmd: ) ->
            }
        },
    );
    snapshot::check("aggregate/half_typed_signature", &expansion);
}

#[test]
fn only_the_given_crate_is_named() {
    let expansion = attribute(
        quote!(crate = other::path),
        quote! {
            impl Account {
                #[handle]
                fn open(cmd: OpenAccount) -> Opened { Opened }
                #[apply]
                fn opened(event: &AccountOpened) -> Self { Account }
            }
        },
    );
    assert!(!snapshot::mentions(expansion, "orchestrix"));
}

#[test]
fn self_outside_of_the_block_is_the_type() {
    let expansion = attribute(
        TokenStream::new(),
        quote! {
            impl Account {
                #[apply]
                fn opened(event: &Opened) -> Self { Account }
                #[handle]
                fn open(cmd: Open) -> Result<Opened, <Self as Domain>::Error> { body!() }
            }
        },
    );
    snapshot::check("aggregate/self_type", &expansion);
}
