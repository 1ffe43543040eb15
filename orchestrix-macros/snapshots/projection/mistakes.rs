impl CurrentOrder {
    fn changed(&self, event: OrderChanged) -> u8 {}
}
::core::compile_error! {
    "`version` is a whole number from 1 to 4294967295"
}
::core::compile_error! {
    "`key` takes the field of the event that names the document: write `key = order.customer`"
}
::core::compile_error! {
    "unknown key `kyes`: `#[apply(..)]` accepts `key` and `keys`"
}
::core::compile_error! {
    "an `#[apply]` method takes no `self` to begin the document, `&mut self` to change it, or `self` to change or end it"
}
::core::compile_error! {
    "an event is taken by reference: write `&OrderChanged`"
}
#[automatically_derived]
impl ::orchestrix::__private::Projection for CurrentOrder {
    const NAME: &'static ::orchestrix::__private::std::primitive::str = "current_order";
    const VERSION: ::orchestrix::__private::std::primitive::u32 = 1u32;
    type Event = ::orchestrix::__private::ByHand;
    fn keys(
        _: &::orchestrix::__private::ByHand,
        _: &::orchestrix::__private::RecordedEvent,
        _: &mut ::orchestrix::__private::Keys,
    ) {}
    fn apply(
        _: &::orchestrix::__private::ByHand,
        _: &::orchestrix::__private::RecordedEvent,
        _: &mut ::orchestrix::__private::Documents<'_, Self>,
    ) -> ::orchestrix::__private::std::result::Result<
        (),
        ::orchestrix::__private::FoldError,
    > {
        ::orchestrix::__private::std::unreachable!()
    }
}
