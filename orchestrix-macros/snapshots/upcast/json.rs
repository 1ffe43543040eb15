fn f(old: Value) -> Value {
    old
}
#[allow(deprecated)]
const _: () = {
    #[automatically_derived]
    impl ::orchestrix::__private::UpcastFrom<
        { ::orchestrix::__private::json_version::<OrderPlaced>(1) },
    > for OrderPlaced {
        fn hops(
            __into: &mut ::orchestrix::__private::std::vec::Vec<
                ::orchestrix::__private::Hop,
            >,
        ) {
            ::orchestrix::__private::std::vec::Vec::push(
                __into,
                ::orchestrix::__private::Hop::new(
                    1,
                    |__stored| ::orchestrix::__private::json_hop(__stored, f),
                ),
            );
        }
    }
};
