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
            into: &mut ::orchestrix::__private::std::vec::Vec<
                ::orchestrix::__private::Hop,
            >,
        ) {
            <Self as ::orchestrix::__private::UpcastFrom<1>>::hops(into);
            ::orchestrix::__private::std::vec::Vec::push(
                into,
                ::orchestrix::__private::Hop::new(
                    2,
                    |stored| ::orchestrix::__private::fallible_json_hop(stored, f),
                ),
            );
        }
    }
};
