#[allow(deprecated)]
const _: () = {
    static __EVENT_TYPE: ::orchestrix::__private::EventType = ::orchestrix::__private::EventType::new(
        "OrderPlaced",
        3u32,
        ::orchestrix::__private::std::concat!(
            ::orchestrix::__private::std::module_path!(), "::",
            ::orchestrix::__private::std::stringify!(Placed)
        ),
        ::orchestrix::__private::struct_hops::<Placed>,
    );
    #[automatically_derived]
    impl ::orchestrix::__private::EventStruct for Placed {
        const NAME: &'static ::orchestrix::__private::std::primitive::str = "OrderPlaced";
        const SCHEMA_VERSION: ::orchestrix::__private::std::primitive::u32 = 3u32;
        fn hops(
            __into: &mut ::orchestrix::__private::std::vec::Vec<
                ::orchestrix::__private::Hop,
            >,
        ) {
            <Self as ::orchestrix::__private::UpcastFrom<2>>::hops(__into);
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::Event for Placed {
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
