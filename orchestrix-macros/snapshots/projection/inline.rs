impl CustomerTotals {
    fn sold(&mut self, event: &Sold) {}
}
const _: () = {
    ///`CustomerTotals`'s events.
    #[allow(private_interfaces, unreachable_pub, clippy::large_enum_variant)]
    pub enum __Events {
        ///`Sold`.
        Sold(Sold),
    }
    #[automatically_derived]
    impl ::orchestrix::__private::std::fmt::Debug for __Events {
        fn fmt(
            &self,
            __f: &mut ::orchestrix::__private::std::fmt::Formatter<'_>,
        ) -> ::orchestrix::__private::std::fmt::Result {
            __f.write_str(::orchestrix::__private::Event::event_type(self).name())
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::Event for __Events {
        fn types() -> ::orchestrix::__private::std::vec::Vec<
            &'static ::orchestrix::__private::EventType,
        > {
            ::orchestrix::__private::all_types([
                <Sold as ::orchestrix::__private::Event>::types(),
            ])
        }
        fn event_type(&self) -> &'static ::orchestrix::__private::EventType {
            match *self {
                __Events::Sold(ref __event) => {
                    <Sold as ::orchestrix::__private::Event>::event_type(__event)
                }
            }
        }
        fn encode(
            &self,
        ) -> ::orchestrix::__private::std::result::Result<
            ::orchestrix::__private::Payload,
            ::orchestrix::__private::JsonError,
        > {
            match *self {
                __Events::Sold(ref __event) => {
                    <Sold as ::orchestrix::__private::Event>::encode(__event)
                }
            }
        }
        fn tags(
            &self,
        ) -> ::orchestrix::__private::std::result::Result<
            ::orchestrix::__private::std::vec::Vec<::orchestrix::__private::Tag>,
            ::orchestrix::__private::NameError,
        > {
            match *self {
                __Events::Sold(ref __event) => {
                    <Sold as ::orchestrix::__private::Event>::tags(__event)
                }
            }
        }
        fn decode(
            __event: &::orchestrix::__private::EventData,
        ) -> ::orchestrix::__private::std::option::Option<
            ::orchestrix::__private::std::result::Result<
                Self,
                ::orchestrix::__private::DecodeError,
            >,
        > {
            if let ::orchestrix::__private::std::option::Option::Some(__decoded) = <Sold as ::orchestrix::__private::Event>::decode(
                __event,
            ) {
                return ::orchestrix::__private::std::option::Option::Some(
                    __decoded.map(__Events::Sold),
                );
            }
            ::orchestrix::__private::std::option::Option::None
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::Projection for CustomerTotals {
        const NAME: &'static ::orchestrix::__private::std::primitive::str = "customer_totals";
        const VERSION: ::orchestrix::__private::std::primitive::u32 = 1u32;
        const INLINE: ::orchestrix::__private::std::option::Option<
            &'static ::orchestrix::__private::std::primitive::str,
        > = ::orchestrix::__private::std::option::Option::Some(
            <sales::Customer as ::orchestrix::__private::Aggregate>::CATEGORY,
        );
        type Event = __Events;
        fn keys(
            __event: &__Events,
            __recorded: &::orchestrix::__private::RecordedEvent,
            __keys: &mut ::orchestrix::__private::Keys,
        ) {
            match *__event {
                __Events::Sold(ref __event) => {
                    __keys
                        .push(&::orchestrix::__private::FieldKey::of(&__event.customer))
                }
            }
        }
        fn apply(
            __event: &__Events,
            __recorded: &::orchestrix::__private::RecordedEvent,
            __documents: &mut ::orchestrix::__private::Documents<'_, Self>,
        ) -> ::orchestrix::__private::std::result::Result<
            (),
            ::orchestrix::__private::FoldError,
        > {
            match *__event {
                __Events::Sold(ref __event) => {
                    ::orchestrix::__private::change_document(
                        __documents,
                        &::orchestrix::__private::FieldKey::of(&__event.customer),
                        |__document| <CustomerTotals>::sold(__document, __event),
                    )
                }
            }
        }
    }
};
