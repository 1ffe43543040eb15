fn f(old: Value) -> Result<Value, Odd> {
    Err(Odd)
}
#[allow(deprecated)]
const _: () = {
    #[automatically_derived]
    impl ::orchestrix::__private::UpcastFrom<
        { ::orchestrix::__private::json_version::<a::OrderPlaced>(2) },
    > for a::OrderPlaced {
        fn hops(
            __into: &mut ::orchestrix::__private::std::vec::Vec<
                ::orchestrix::__private::Hop,
            >,
        ) {
            <Self as ::orchestrix::__private::UpcastFrom<1>>::hops(__into);
            ::orchestrix::__private::std::vec::Vec::push(
                __into,
                ::orchestrix::__private::Hop::new(
                    2,
                    |__stored| ::orchestrix::__private::fallible_json_hop(__stored, f),
                ),
            );
        }
    }
};
