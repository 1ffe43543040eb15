#[automatically_derived]
impl<'a, T: Clone, const N: usize> ::orchestrix::__private::Event for Placed<'a, T, N>
where
    T: Copy,
    Self: ::orchestrix::__private::std::marker::Send
        + ::orchestrix::__private::std::marker::Sync + 'static,
{
    fn types() -> ::orchestrix::__private::std::vec::Vec<
        &'static ::orchestrix::__private::EventType,
    > {
        ::orchestrix::__private::std::vec::Vec::new()
    }
    fn event_type(&self) -> &'static ::orchestrix::__private::EventType {
        ::orchestrix::__private::std::unreachable!()
    }
    fn encode(
        &self,
    ) -> ::orchestrix::__private::std::result::Result<
        ::orchestrix::__private::Payload,
        ::orchestrix::__private::JsonError,
    > {
        ::orchestrix::__private::std::unreachable!()
    }
    fn decode(
        _: &::orchestrix::__private::EventData,
    ) -> ::orchestrix::__private::std::option::Option<
        ::orchestrix::__private::std::result::Result<
            Self,
            ::orchestrix::__private::DecodeError,
        >,
    > {
        ::orchestrix::__private::std::option::Option::None
    }
}
#[automatically_derived]
impl<'a, T: Clone, const N: usize> ::orchestrix::__private::EventStruct
for Placed<'a, T, N>
where
    T: Copy,
    Self: ::orchestrix::__private::std::marker::Send
        + ::orchestrix::__private::std::marker::Sync + 'static
        + ::orchestrix::__private::serde::Serialize
        + ::orchestrix::__private::serde::de::DeserializeOwned,
{
    const NAME: &'static ::orchestrix::__private::std::primitive::str = "Placed";
    const SCHEMA_VERSION: ::orchestrix::__private::std::primitive::u32 = 1u32;
    fn hops(
        _: &mut ::orchestrix::__private::std::vec::Vec<::orchestrix::__private::Hop>,
    ) {}
}
::core::compile_error! {
    "events cannot be generic: a stored name stands for one type, so write one event for each"
}
