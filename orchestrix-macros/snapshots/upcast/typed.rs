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
            __into: &mut ::orchestrix::__private::std::vec::Vec<
                ::orchestrix::__private::Hop,
            >,
        ) {
            ::orchestrix::__private::push_hop_between::<
                OrderPlacedV1,
            >(
                __into,
                |__stored| ::orchestrix::__private::hop_between::<
                    OrderPlacedV1,
                    OrderPlaced,
                >(__stored, with_currency),
            );
        }
    }
};
