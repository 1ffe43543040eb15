use quote::quote;

use super::*;
use crate::snapshot;

#[test]
fn between_types() {
    let item = quote! {
        /// Kept.
        #[cfg(feature = "orders")]
        #[inline]
        pub(crate) fn with_currency(OrderPlacedV1 { pence }: OrderPlacedV1) -> OrderPlaced {
            OrderPlaced { pence, currency: "GBP".into() }
        }
    };
    snapshot::check("upcast/typed", &attribute(quote!(), item));
}

#[test]
fn on_json() {
    let item = quote!(
        fn f(old: Value) -> Value {
            old
        }
    );
    snapshot::check(
        "upcast/json",
        &attribute(quote!(event = OrderPlaced, from = 1), item),
    );
    let item = quote!(
        fn f(old: Value) -> Result<Value, Odd> {
            Err(Odd)
        }
    );
    snapshot::check(
        "upcast/json_fallible",
        &attribute(quote!(event = a::OrderPlaced, from = 2), item),
    );
}

#[test]
fn mistakes_leave_the_function() {
    let item = quote!(
        async fn f<T>(old: &T, more: u8) {
            old
        }
    );
    snapshot::check(
        "upcast/mistakes",
        &attribute(quote!(event = OrderPlaced, to = 3), item),
    );
}

#[test]
fn a_half_typed_function_is_left_as_it_is() {
    let item = quote!(fn f(old: ) -> OrderPlaced { });
    snapshot::check("upcast/half_typed", &attribute(quote!(event = ), item));
}

#[test]
fn only_the_given_crate_is_named() {
    let item = quote!(
        fn f(old: V1) -> V2 {
            V2
        }
    );
    let expansion = attribute(quote!(crate = other::path), item);
    assert!(!snapshot::mentions(expansion, "orchestrix"));
    let item = quote!(
        fn f(old: Value) -> Value {
            old
        }
    );
    let expansion = attribute(quote!(crate = other::path, event = E, from = 2), item);
    assert!(!snapshot::mentions(expansion, "orchestrix"));
}
