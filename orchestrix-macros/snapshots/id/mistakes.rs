#[automatically_derived]
impl<T> ::orchestrix::__private::std::fmt::Display for OrderId<T>
where
    Self: ::orchestrix::__private::std::marker::Sized,
{
    fn fmt(
        &self,
        _: &mut ::orchestrix::__private::std::fmt::Formatter<'_>,
    ) -> ::orchestrix::__private::std::fmt::Result {
        ::orchestrix::__private::std::unreachable!()
    }
}
#[automatically_derived]
impl<T> ::orchestrix::__private::std::str::FromStr for OrderId<T>
where
    Self: ::orchestrix::__private::std::marker::Sized,
{
    type Err = ::orchestrix::__private::std::convert::Infallible;
    fn from_str(
        _: &::orchestrix::__private::std::primitive::str,
    ) -> ::orchestrix::__private::std::result::Result<Self, Self::Err> {
        ::orchestrix::__private::std::unreachable!()
    }
}
#[automatically_derived]
impl<T> ::orchestrix::__private::Key for OrderId<T>
where
    Self: ::orchestrix::__private::std::marker::Sized,
{
    fn to_key(&self) -> ::orchestrix::__private::std::string::String {
        ::orchestrix::__private::std::unreachable!()
    }
}
#[automatically_derived]
impl<T> ::orchestrix::__private::serde::Serialize for OrderId<T>
where
    Self: ::orchestrix::__private::std::marker::Sized,
{
    fn serialize<__S: ::orchestrix::__private::serde::Serializer>(
        &self,
        _: __S,
    ) -> ::orchestrix::__private::std::result::Result<__S::Ok, __S::Error> {
        ::orchestrix::__private::std::unreachable!()
    }
}
::core::compile_error! {
    "an id is a tuple struct around one value: write `struct OrderId(Uuid);`, or around a `String` or an integer"
}
::core::compile_error! {
    "ids cannot be generic: write one struct for each kind of thing, so that their ids cannot be mixed up"
}
