fn f(old: Value) -> Result<Value, Odd> {
    Err(Odd)
}
#[allow(deprecated)]
const _: () = {
    const _: () = ::orchestrix::__private::check_json_hop::<a::OrderPlaced>(2);
    #[automatically_derived]
    impl ::orchestrix::__private::UpcastFrom<2> for a::OrderPlaced {
        fn hops(
            into: &mut ::orchestrix::__private::std::vec::Vec<
                ::orchestrix::__private::Hop,
            >,
        ) {
            <a::OrderPlaced as ::orchestrix::__private::UpcastFrom<1>>::hops(into);
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
