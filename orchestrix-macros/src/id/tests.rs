use quote::quote;

use super::*;
use crate::snapshot;

#[test]
fn a_newtype() {
    snapshot::check(
        "id/newtype",
        &derive(quote!(
            pub struct OrderId(uuid::Uuid);
        )),
    );
}

#[test]
fn mistakes_leave_a_stub() {
    snapshot::check(
        "id/mistakes",
        &derive(quote!(
            struct OrderId<T>(T, u8);
        )),
    );
    snapshot::check(
        "id/half_typed",
        &derive(quote!(
            struct OrderId;
        )),
    );
}

#[test]
fn only_the_given_crate_is_named() {
    for input in [
        quote!(
            #[orchestrix(crate = other::path)]
            struct OrderId(u32);
        ),
        quote!(
            #[orchestrix(crate = other::path)]
            struct OrderId {}
        ),
    ] {
        assert!(!snapshot::mentions(derive(input), "orchestrix"));
    }
}
