use quote::quote;

use super::*;
use crate::snapshot;

#[test]
fn a_struct() {
    let expansion = derive(quote! {
        pub struct Deposit { #[id] account: AccountId, pence: i64 }
    });
    snapshot::check("command/struct", &expansion);
}

#[test]
fn a_tuple_struct() {
    let expansion = derive(quote! {
        #[command(name = "close")]
        struct CloseAccount(String, #[id] AccountId);
    });
    snapshot::check("command/tuple_struct", &expansion);
}

#[test]
fn a_command_for_no_stream() {
    let expansion = derive(quote! {
        #[command(no_id)]
        struct Checkout;
    });
    snapshot::check("command/no_id", &expansion);
}

#[test]
fn mistakes_leave_a_stub() {
    let expansion = derive(quote! {
        #[command(nam = "x")]
        struct Deposit<T> { #[id] account: T, #[id(first)] bank: u8 }
    });
    snapshot::check("command/mistakes", &expansion);
}

#[test]
fn half_typed_attributes_leave_a_stub() {
    let expansion = derive(quote! {
        #[command(na)]
        struct Deposit {}
    });
    snapshot::check("command/half_typed", &expansion);
}

#[test]
fn only_the_given_crate_is_named() {
    for input in [
        quote!(
            #[command(crate = other::path)]
            struct Deposit {
                #[id]
                account: u8,
            }
        ),
        quote!(
            #[orchestrix(crate = other::path)]
            struct Deposit {}
        ),
    ] {
        assert!(!snapshot::mentions(derive(input), "orchestrix"));
    }
}
