impl TopCustomer {
    fn placed(&mut self, event: &OrderPlaced) {
        self.pence += event.pence;
    }
    fn returned(&mut self, event: &ItemsReturned, recorded: &RecordedEvent) {}
    fn counted(&mut self, event: &Counted, product: &Product, recorded: &RecordedEvent) {}
    fn closed(self, _: &Closed) -> Option<Self> {
        None
    }
    fn products(event: &Counted) -> Vec<Product> {
        body!()
    }
}
const _: () = {
    ///`TopCustomer`'s events.
    #[allow(private_interfaces, unreachable_pub, clippy::large_enum_variant)]
    pub enum __Events {
        ///`OrderPlaced`.
        OrderPlaced(OrderPlaced),
        ///`ItemsReturned`.
        ItemsReturned(ItemsReturned),
        ///`Counted`.
        Counted(Counted),
        ///`Closed`.
        Closed(Closed),
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
                <ItemsReturned as ::orchestrix::__private::Event>::types(),
                <Counted as ::orchestrix::__private::Event>::types(),
                <Closed as ::orchestrix::__private::Event>::types(),
            ])
        }
        fn event_type(&self) -> &'static ::orchestrix::__private::EventType {
            match *self {
                __Events::OrderPlaced(ref __event) => {
                    <OrderPlaced as ::orchestrix::__private::Event>::event_type(__event)
                }
                __Events::ItemsReturned(ref __event) => {
                    <ItemsReturned as ::orchestrix::__private::Event>::event_type(
                        __event,
                    )
                }
                __Events::Counted(ref __event) => {
                    <Counted as ::orchestrix::__private::Event>::event_type(__event)
                }
                __Events::Closed(ref __event) => {
                    <Closed as ::orchestrix::__private::Event>::event_type(__event)
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
                __Events::ItemsReturned(ref __event) => {
                    <ItemsReturned as ::orchestrix::__private::Event>::encode(__event)
                }
                __Events::Counted(ref __event) => {
                    <Counted as ::orchestrix::__private::Event>::encode(__event)
                }
                __Events::Closed(ref __event) => {
                    <Closed as ::orchestrix::__private::Event>::encode(__event)
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
                __Events::ItemsReturned(ref __event) => {
                    <ItemsReturned as ::orchestrix::__private::Event>::tags(__event)
                }
                __Events::Counted(ref __event) => {
                    <Counted as ::orchestrix::__private::Event>::tags(__event)
                }
                __Events::Closed(ref __event) => {
                    <Closed as ::orchestrix::__private::Event>::tags(__event)
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
            if let ::orchestrix::__private::std::option::Option::Some(__decoded) = <ItemsReturned as ::orchestrix::__private::Event>::decode(
                __event,
            ) {
                return ::orchestrix::__private::std::option::Option::Some(
                    __decoded.map(__Events::ItemsReturned),
                );
            }
            if let ::orchestrix::__private::std::option::Option::Some(__decoded) = <Counted as ::orchestrix::__private::Event>::decode(
                __event,
            ) {
                return ::orchestrix::__private::std::option::Option::Some(
                    __decoded.map(__Events::Counted),
                );
            }
            if let ::orchestrix::__private::std::option::Option::Some(__decoded) = <Closed as ::orchestrix::__private::Event>::decode(
                __event,
            ) {
                return ::orchestrix::__private::std::option::Option::Some(
                    __decoded.map(__Events::Closed),
                );
            }
            ::orchestrix::__private::std::option::Option::None
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::Projection for TopCustomer {
        const NAME: &'static ::orchestrix::__private::std::primitive::str = "spent";
        const VERSION: ::orchestrix::__private::std::primitive::u32 = 2u32;
        type Event = __Events;
        fn keys(
            __event: &__Events,
            __recorded: &::orchestrix::__private::RecordedEvent,
            __keys: &mut ::orchestrix::__private::Keys,
        ) {
            match *__event {
                __Events::OrderPlaced(ref __event) => {
                    __keys
                        .push(
                            &::orchestrix::__private::FieldKey::of(
                                &__event.order.customer,
                            ),
                        )
                }
                __Events::ItemsReturned(ref __event) => {
                    __keys.push(&::orchestrix::__private::FieldKey::of(&__event.0))
                }
                __Events::Counted(ref __event) => {
                    ::orchestrix::__private::SeveralKeys::of(Self::products(__event))
                        .push(__keys)
                }
                __Events::Closed(ref __event) => {
                    __keys
                        .push(
                            &::orchestrix::__private::FieldKey::of(
                                &__event.order.customer,
                            ),
                        )
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
                    ::orchestrix::__private::change_document(
                        __documents,
                        &::orchestrix::__private::FieldKey::of(&__event.order.customer),
                        |__document| <TopCustomer>::placed(__document, __event),
                    )
                }
                __Events::ItemsReturned(ref __event) => {
                    ::orchestrix::__private::change_document(
                        __documents,
                        &::orchestrix::__private::FieldKey::of(&__event.0),
                        |__document| <TopCustomer>::returned(
                            __document,
                            __event,
                            __recorded,
                        ),
                    )
                }
                __Events::Counted(ref __event) => {
                    ::orchestrix::__private::SeveralKeys::of(Self::products(__event))
                        .try_for_each(|__name, __key| ::orchestrix::__private::change_document(
                            __documents,
                            __name,
                            |__document| <TopCustomer>::counted(
                                __document,
                                __event,
                                __key,
                                __recorded,
                            ),
                        ))
                }
                __Events::Closed(ref __event) => {
                    ::orchestrix::__private::change_or_end_document(
                        __documents,
                        &::orchestrix::__private::FieldKey::of(&__event.order.customer),
                        |__document| <TopCustomer>::closed(__document, __event),
                    )
                }
            }
        }
    }
};
