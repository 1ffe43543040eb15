#[allow(deprecated)]
const _: () = {
    static __EVENT_TYPES: [::orchestrix::__private::EventType; 3usize] = [
        ::orchestrix::__private::EventType::new(
            "Defined",
            1u32,
            ::orchestrix::__private::std::concat!(
                ::orchestrix::__private::std::module_path!(), "::",
                ::orchestrix::__private::std::stringify!(Course), "::",
                ::orchestrix::__private::std::stringify!(Defined)
            ),
            |_| {},
        ),
        ::orchestrix::__private::EventType::new(
            "Moved",
            1u32,
            ::orchestrix::__private::std::concat!(
                ::orchestrix::__private::std::module_path!(), "::",
                ::orchestrix::__private::std::stringify!(Course), "::",
                ::orchestrix::__private::std::stringify!(Moved)
            ),
            |_| {},
        ),
        ::orchestrix::__private::EventType::new(
            "Ended",
            1u32,
            ::orchestrix::__private::std::concat!(
                ::orchestrix::__private::std::module_path!(), "::",
                ::orchestrix::__private::std::stringify!(Course), "::",
                ::orchestrix::__private::std::stringify!(Ended)
            ),
            |_| {},
        ),
    ];
    #[automatically_derived]
    impl ::orchestrix::__private::EventEnum for Course {}
    #[automatically_derived]
    impl ::orchestrix::__private::Event for Course {
        fn types() -> ::orchestrix::__private::std::vec::Vec<
            &'static ::orchestrix::__private::EventType,
        > {
            ::orchestrix::__private::std::vec![
                & __EVENT_TYPES[0], & __EVENT_TYPES[1], & __EVENT_TYPES[2]
            ]
        }
        fn event_type(&self) -> &'static ::orchestrix::__private::EventType {
            match self {
                Self::Defined { .. } => &__EVENT_TYPES[0],
                Self::Moved { .. } => &__EVENT_TYPES[1],
                Self::Ended { .. } => &__EVENT_TYPES[2],
            }
        }
        fn encode(
            &self,
        ) -> ::orchestrix::__private::std::result::Result<
            ::orchestrix::__private::Payload,
            ::orchestrix::__private::JsonError,
        > {
            ::orchestrix::__private::encode_enum(self)
        }
        fn tags(
            &self,
        ) -> ::orchestrix::__private::std::result::Result<
            ::orchestrix::__private::std::vec::Vec<::orchestrix::__private::Tag>,
            ::orchestrix::__private::NameError,
        > {
            let mut __tags = ::orchestrix::__private::std::vec::Vec::new();
            match self {
                Self::Defined { course: __tag_0, .. } => {
                    ::orchestrix::__private::TagValue::push_tags(
                        __tag_0,
                        "course",
                        &mut __tags,
                    )?;
                }
                Self::Moved { 0: __tag_0, 1: __tag_1, .. } => {
                    ::orchestrix::__private::TagValue::push_tags(
                        __tag_0,
                        "room",
                        &mut __tags,
                    )?;
                    ::orchestrix::__private::TagValue::push_tags(
                        __tag_1,
                        "room",
                        &mut __tags,
                    )?;
                }
                Self::Ended { .. } => {}
            }
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
            ::orchestrix::__private::decode_enum(&__EVENT_TYPES, __event)
        }
    }
    ::orchestrix::__private::auto_register!(__EVENT_TYPES[0]);
    ::orchestrix::__private::auto_register!(__EVENT_TYPES[1]);
    ::orchestrix::__private::auto_register!(__EVENT_TYPES[2]);
};
