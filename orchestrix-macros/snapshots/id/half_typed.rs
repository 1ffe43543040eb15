#[automatically_derived]
impl ::orchestrix::__private::std::fmt::Display for OrderId {
    fn fmt(
        &self,
        _: &mut ::orchestrix::__private::std::fmt::Formatter<'_>,
    ) -> ::orchestrix::__private::std::fmt::Result {
        ::orchestrix::__private::std::unreachable!()
    }
}
#[automatically_derived]
impl ::orchestrix::__private::std::str::FromStr for OrderId {
    type Err = ::orchestrix::__private::std::convert::Infallible;
    fn from_str(
        _: &::orchestrix::__private::std::primitive::str,
    ) -> ::orchestrix::__private::std::result::Result<Self, Self::Err> {
        ::orchestrix::__private::std::unreachable!()
    }
}
#[automatically_derived]
impl ::orchestrix::__private::Key for OrderId {
    fn to_key(&self) -> ::orchestrix::__private::std::string::String {
        ::orchestrix::__private::std::unreachable!()
    }
}
#[automatically_derived]
impl ::orchestrix::__private::serde::Serialize for OrderId {
    fn serialize<__S: ::orchestrix::__private::serde::Serializer>(
        &self,
        _: __S,
    ) -> ::orchestrix::__private::std::result::Result<__S::Ok, __S::Error> {
        ::orchestrix::__private::std::unreachable!()
    }
}
#[automatically_derived]
impl<'de> ::orchestrix::__private::serde::Deserialize<'de> for OrderId {
    fn deserialize<__D: ::orchestrix::__private::serde::Deserializer<'de>>(
        _: __D,
    ) -> ::orchestrix::__private::std::result::Result<Self, __D::Error> {
        ::orchestrix::__private::std::unreachable!()
    }
}
::core::compile_error! {
    "an id is a tuple struct around one value: write `struct OrderId(Uuid);`, or around a `String` or an integer"
}
