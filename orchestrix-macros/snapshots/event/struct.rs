#[allow(deprecated)]
const _: () = {
    static __EVENT_TYPE: ::orchestrix::__private::EventType = ::orchestrix::__private::EventType::new(
        "MoneyDeposited",
        1u32,
        ::orchestrix::__private::std::concat!(
            ::orchestrix::__private::std::module_path!(), "::",
            ::orchestrix::__private::std::stringify!(MoneyDeposited)
        ),
        ::orchestrix::__private::struct_hops::<MoneyDeposited>,
    );
    #[automatically_derived]
    impl ::orchestrix::__private::EventStruct for MoneyDeposited {
        const NAME: &'static ::orchestrix::__private::std::primitive::str = "MoneyDeposited";
        const SCHEMA_VERSION: ::orchestrix::__private::std::primitive::u32 = 1u32;
        fn hops(
            __into: &mut ::orchestrix::__private::std::vec::Vec<
                ::orchestrix::__private::Hop,
            >,
        ) {
            let _ = __into;
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::Event for MoneyDeposited {
        fn types() -> ::orchestrix::__private::std::vec::Vec<
            &'static ::orchestrix::__private::EventType,
        > {
            ::orchestrix::__private::std::vec![& __EVENT_TYPE]
        }
        fn event_type(&self) -> &'static ::orchestrix::__private::EventType {
            &__EVENT_TYPE
        }
        fn encode(
            &self,
        ) -> ::orchestrix::__private::std::result::Result<
            ::orchestrix::__private::Payload,
            ::orchestrix::__private::JsonError,
        > {
            ::orchestrix::__private::encode_struct(self)
        }
        fn decode(
            __event: &::orchestrix::__private::EventData,
        ) -> ::orchestrix::__private::std::option::Option<
            ::orchestrix::__private::std::result::Result<
                Self,
                ::orchestrix::__private::DecodeError,
            >,
        > {
            ::orchestrix::__private::decode_struct(&__EVENT_TYPE, __event)
        }
    }
    ::orchestrix::__private::auto_register!(__EVENT_TYPE);
};
