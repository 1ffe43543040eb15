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
    #[automatically_derived]
    impl ::orchestrix::__private::UpcastFrom<
        { ::orchestrix::__private::version_below::<OrderPlacedV1, OrderPlaced>() },
    > for OrderPlaced {
        fn hops(
            into: &mut ::orchestrix::__private::std::vec::Vec<
                ::orchestrix::__private::Hop,
            >,
        ) {
            ::orchestrix::__private::push_hop_between::<
                OrderPlacedV1,
            >(
                into,
                |stored| ::orchestrix::__private::hop_between::<
                    OrderPlacedV1,
                    OrderPlaced,
                >(stored, with_currency),
            );
        }
    }
};
