#[allow(deprecated)]
const _: () = {
    static __EVENT_TYPES: [::orchestrix::__private::EventType; 3usize] = [
        ::orchestrix::__private::EventType::new(
            "Sent",
            1u32,
            ::orchestrix::__private::std::concat!(
                ::orchestrix::__private::std::module_path!(), "::",
                ::orchestrix::__private::std::stringify!(Parcel), "::",
                ::orchestrix::__private::std::stringify!(Sent)
            ),
            |_| {},
        ),
        ::orchestrix::__private::EventType::new(
            "ParcelLost",
            3u32,
            ::orchestrix::__private::std::concat!(
                ::orchestrix::__private::std::module_path!(), "::",
                ::orchestrix::__private::std::stringify!(Parcel), "::",
                ::orchestrix::__private::std::stringify!(Lost)
            ),
            |__into| {
                ::orchestrix::__private::std::vec::Vec::push(
                    __into,
                    ::orchestrix::__private::Hop::new(
                        1u32,
                        |__stored| ::orchestrix::__private::typed_hop(__stored, from_1),
                    ),
                );
                ::orchestrix::__private::std::vec::Vec::push(
                    __into,
                    ::orchestrix::__private::Hop::new(
                        2u32,
                        |__stored| ::orchestrix::__private::typed_hop(
                            __stored,
                            old::from_2,
                        ),
                    ),
                );
            },
        ),
        ::orchestrix::__private::EventType::new(
            "Move",
            1u32,
            ::orchestrix::__private::std::concat!(
                ::orchestrix::__private::std::module_path!(), "::",
                ::orchestrix::__private::std::stringify!(Parcel), "::",
                ::orchestrix::__private::std::stringify!(r#Move)
            ),
            |_| {},
        ),
    ];
    #[automatically_derived]
    impl ::orchestrix::__private::EventEnum for Parcel {}
    #[automatically_derived]
    impl ::orchestrix::__private::Event for Parcel {
        fn types() -> ::orchestrix::__private::std::vec::Vec<
            &'static ::orchestrix::__private::EventType,
        > {
            ::orchestrix::__private::std::vec![
                & __EVENT_TYPES[0], & __EVENT_TYPES[1], & __EVENT_TYPES[2]
            ]
        }
        fn event_type(&self) -> &'static ::orchestrix::__private::EventType {
            match self {
                Self::Sent { .. } => &__EVENT_TYPES[0],
                Self::Lost { .. } => &__EVENT_TYPES[1],
                Self::r#Move { .. } => &__EVENT_TYPES[2],
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
