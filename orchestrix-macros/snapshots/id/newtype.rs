#[allow(deprecated)]
const _: () = {
    #[automatically_derived]
    impl ::orchestrix::__private::std::convert::From<uuid::Uuid> for OrderId {
        fn from(__value: uuid::Uuid) -> Self {
            Self(__value)
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::std::fmt::Display for OrderId {
        fn fmt(
            &self,
            __f: &mut ::orchestrix::__private::std::fmt::Formatter<'_>,
        ) -> ::orchestrix::__private::std::fmt::Result {
            ::orchestrix::__private::std::fmt::Display::fmt(&self.0, __f)
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::std::str::FromStr for OrderId {
        type Err = <uuid::Uuid as ::orchestrix::__private::std::str::FromStr>::Err;
        fn from_str(
            __text: &::orchestrix::__private::std::primitive::str,
        ) -> ::orchestrix::__private::std::result::Result<Self, Self::Err> {
            ::orchestrix::__private::std::result::Result::map(
                <uuid::Uuid as ::orchestrix::__private::std::str::FromStr>::from_str(
                    __text,
                ),
                Self,
            )
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::Key for OrderId {
        fn to_key(&self) -> ::orchestrix::__private::std::string::String {
            ::orchestrix::__private::Key::to_key(&self.0)
        }
        fn write_key(&self, __to: &mut ::orchestrix::__private::std::string::String) {
            ::orchestrix::__private::Key::write_key(&self.0, __to)
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::IndexValue for OrderId
    where
        for<'__index> uuid::Uuid: ::orchestrix::__private::IndexValue,
    {
        const KIND: ::orchestrix::__private::IndexKind = <uuid::Uuid as ::orchestrix::__private::IndexValue>::KIND;
        fn encode(
            &self,
            __to: &mut ::orchestrix::__private::std::vec::Vec<
                ::orchestrix::__private::std::primitive::u8,
            >,
        ) {
            ::orchestrix::__private::IndexValue::encode(&self.0, __to)
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::serde::Serialize for OrderId {
        fn serialize<__S: ::orchestrix::__private::serde::Serializer>(
            &self,
            __to: __S,
        ) -> ::orchestrix::__private::std::result::Result<__S::Ok, __S::Error> {
            ::orchestrix::__private::serde::Serialize::serialize(&self.0, __to)
        }
    }
    #[automatically_derived]
    impl<'de> ::orchestrix::__private::serde::Deserialize<'de> for OrderId {
        fn deserialize<__D: ::orchestrix::__private::serde::Deserializer<'de>>(
            __from: __D,
        ) -> ::orchestrix::__private::std::result::Result<Self, __D::Error> {
            ::orchestrix::__private::std::result::Result::map(
                <uuid::Uuid as ::orchestrix::__private::serde::Deserialize>::deserialize(
                    __from,
                ),
                Self,
            )
        }
    }
};
