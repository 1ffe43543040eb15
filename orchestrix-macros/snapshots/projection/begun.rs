impl CurrentOrder {
    fn placed(event: &OrderPlaced) -> Self {
        CurrentOrder
    }
    fn changed(&mut self, event: &OrderChanged) {}
    fn ended(self, _: &OrderEnded) -> Option<CurrentOrder> {
        None
    }
}
const _: () = {
    ///`CurrentOrder`'s events.
    #[allow(private_interfaces, unreachable_pub, clippy::large_enum_variant)]
    pub enum __Events {
        ///`OrderPlaced`.
        OrderPlaced(OrderPlaced),
        ///`OrderChanged`.
        OrderChanged(OrderChanged),
        ///`OrderEnded`.
        OrderEnded(OrderEnded),
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
                <OrderPlaced as ::orchestrix::__private::Event>::types(),
                <OrderChanged as ::orchestrix::__private::Event>::types(),
                <OrderEnded as ::orchestrix::__private::Event>::types(),
            ])
        }
        fn event_type(&self) -> &'static ::orchestrix::__private::EventType {
            match *self {
                __Events::OrderPlaced(ref __event) => {
                    <OrderPlaced as ::orchestrix::__private::Event>::event_type(__event)
                }
                __Events::OrderChanged(ref __event) => {
                    <OrderChanged as ::orchestrix::__private::Event>::event_type(__event)
                }
                __Events::OrderEnded(ref __event) => {
                    <OrderEnded as ::orchestrix::__private::Event>::event_type(__event)
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
                __Events::OrderPlaced(ref __event) => {
                    <OrderPlaced as ::orchestrix::__private::Event>::encode(__event)
                }
                __Events::OrderChanged(ref __event) => {
                    <OrderChanged as ::orchestrix::__private::Event>::encode(__event)
                }
                __Events::OrderEnded(ref __event) => {
                    <OrderEnded as ::orchestrix::__private::Event>::encode(__event)
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
                __Events::OrderPlaced(ref __event) => {
                    <OrderPlaced as ::orchestrix::__private::Event>::tags(__event)
                }
                __Events::OrderChanged(ref __event) => {
                    <OrderChanged as ::orchestrix::__private::Event>::tags(__event)
                }
                __Events::OrderEnded(ref __event) => {
                    <OrderEnded as ::orchestrix::__private::Event>::tags(__event)
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
            if let ::orchestrix::__private::std::option::Option::Some(__decoded) = <OrderPlaced as ::orchestrix::__private::Event>::decode(
                __event,
            ) {
                return ::orchestrix::__private::std::option::Option::Some(
                    __decoded.map(__Events::OrderPlaced),
                );
            }
            if let ::orchestrix::__private::std::option::Option::Some(__decoded) = <OrderChanged as ::orchestrix::__private::Event>::decode(
                __event,
            ) {
                return ::orchestrix::__private::std::option::Option::Some(
                    __decoded.map(__Events::OrderChanged),
                );
            }
            if let ::orchestrix::__private::std::option::Option::Some(__decoded) = <OrderEnded as ::orchestrix::__private::Event>::decode(
                __event,
            ) {
                return ::orchestrix::__private::std::option::Option::Some(
                    __decoded.map(__Events::OrderEnded),
                );
            }
            ::orchestrix::__private::std::option::Option::None
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::Projection for CurrentOrder {
        const NAME: &'static ::orchestrix::__private::std::primitive::str = "current_order";
        const VERSION: ::orchestrix::__private::std::primitive::u32 = 1u32;
        type Event = __Events;
        fn keys(
            __event: &__Events,
            __recorded: &::orchestrix::__private::RecordedEvent,
            __keys: &mut ::orchestrix::__private::Keys,
        ) {
            match *__event {
                __Events::OrderPlaced(ref __event) => {
                    __keys.push(&::orchestrix::__private::FieldKey::of(&__event.order))
                }
                __Events::OrderChanged(ref __event) => {
                    __keys.push(&::orchestrix::__private::FieldKey::of(&__event.order))
                }
                __Events::OrderEnded(ref __event) => {
                    __keys.push(&::orchestrix::__private::FieldKey::of(&__event.order))
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
                __Events::OrderPlaced(ref __event) => {
                    __documents
                        .begin(
                            &::orchestrix::__private::FieldKey::of(&__event.order),
                            <CurrentOrder>::placed(__event),
                        )
                }
                __Events::OrderChanged(ref __event) => {
                    __documents
                        .change_existing(
                            &::orchestrix::__private::FieldKey::of(&__event.order),
                            |__document| <CurrentOrder>::changed(__document, __event),
                        )
                }
                __Events::OrderEnded(ref __event) => {
                    __documents
                        .change_or_end_existing(
                            &::orchestrix::__private::FieldKey::of(&__event.order),
                            |__document| <CurrentOrder>::ended(__document, __event),
                        )
                }
            }
        }
    }
};
