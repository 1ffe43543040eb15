#[allow(deprecated)]
const _: () = {
    static __EVENT_TYPE: ::orchestrix::__private::EventType = ::orchestrix::__private::EventType::new(
        "Subscribed",
        1u32,
        ::orchestrix::__private::std::concat!(
            ::orchestrix::__private::std::module_path!(), "::",
            ::orchestrix::__private::std::stringify!(Subscribed)
        ),
        ::orchestrix::__private::struct_hops::<Subscribed>,
    );
    #[automatically_derived]
    impl ::orchestrix::__private::EventStruct for Subscribed {
        const NAME: &'static ::orchestrix::__private::std::primitive::str = "Subscribed";
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
    impl ::orchestrix::__private::Event for Subscribed {
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
        fn tags(
            &self,
        ) -> ::orchestrix::__private::std::result::Result<
            ::orchestrix::__private::std::vec::Vec<::orchestrix::__private::Tag>,
            ::orchestrix::__private::NameError,
        > {
            let mut __tags = ::orchestrix::__private::std::vec::Vec::new();
            let Self { r#type: __tag_0, by: __tag_1, .. } = self;
            ::orchestrix::__private::TagValue::push_tags(__tag_0, "type", &mut __tags)?;
            ::orchestrix::__private::TagValue::push_tags(
                __tag_1,
                "student",
                &mut __tags,
            )?;
            ::orchestrix::__private::std::result::Result::Ok(__tags)
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
