/// Kept.
#[cfg(feature = "orders")]
#[inline]
pub(crate) fn with_currency(OrderPlacedV1 { pence }: OrderPlacedV1) -> OrderPlaced {
    OrderPlaced {
        pence,
        currency: "GBP".into(),
    }
}
#[cfg(feature = "orders")]
#[allow(deprecated)]
const _: () = {
    const _: () = ::orchestrix::__private::check_hop::<OrderPlacedV1, OrderPlaced>();
    #[automatically_derived]
    impl ::orchestrix::__private::UpcastFrom<
        { <OrderPlacedV1 as ::orchestrix::__private::EventStruct>::SCHEMA_VERSION },
    > for OrderPlaced {
        fn hops(
            into: &mut ::orchestrix::__private::std::vec::Vec<
                ::orchestrix::__private::Hop,
            >,
        ) {
            <OrderPlacedV1 as ::orchestrix::__private::EventStruct>::hops(into);
            ::orchestrix::__private::std::vec::Vec::push(
                into,
                ::orchestrix::__private::Hop::new(
                    <OrderPlacedV1 as ::orchestrix::__private::EventStruct>::SCHEMA_VERSION,
                    |stored| ::orchestrix::__private::typed_hop(stored, with_currency),
                ),
            );
        }
    }
};
