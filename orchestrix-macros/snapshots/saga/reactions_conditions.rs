impl PaymentDeadline {
    fn placed(event: &OrderPlaced) -> Self {
        body!()
    }
    #[cfg(test)]
    fn refused(&mut self, rejection: &Rejection) {
        body!()
    }
}
const _: () = {
    ///`PaymentDeadline`'s events.
    #[allow(private_interfaces, unreachable_pub, clippy::large_enum_variant)]
    pub enum __Event {
        ///`OrderPlaced`.
        OrderPlaced(OrderPlaced),
    }
    #[automatically_derived]
    impl ::orchestrix::__private::std::fmt::Debug for __Event {
        fn fmt(
            &self,
            __f: &mut ::orchestrix::__private::std::fmt::Formatter<'_>,
        ) -> ::orchestrix::__private::std::fmt::Result {
            __f.write_str(::orchestrix::__private::Event::event_type(self).name())
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::Event for __Event {
        fn types() -> ::orchestrix::__private::std::vec::Vec<
            &'static ::orchestrix::__private::EventType,
        > {
            ::orchestrix::__private::all_types([
                <OrderPlaced as ::orchestrix::__private::Event>::types(),
            ])
        }
        fn event_type(&self) -> &'static ::orchestrix::__private::EventType {
            match *self {
                __Event::OrderPlaced(ref __event) => {
                    <OrderPlaced as ::orchestrix::__private::Event>::event_type(__event)
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
                __Event::OrderPlaced(ref __event) => {
                    <OrderPlaced as ::orchestrix::__private::Event>::encode(__event)
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
                __Event::OrderPlaced(ref __event) => {
                    <OrderPlaced as ::orchestrix::__private::Event>::tags(__event)
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
                    __decoded.map(__Event::OrderPlaced),
                );
            }
            ::orchestrix::__private::std::option::Option::None
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::Reacting for PaymentDeadline {
        const NAME: &'static ::orchestrix::__private::std::primitive::str = "payment_deadline";
        const TIMERS: &'static [&'static ::orchestrix::__private::std::primitive::str] = &[];
        type Event = __Event;
        fn key(__event: &__Event) -> ::orchestrix::__private::std::string::String {
            match *__event {
                __Event::OrderPlaced(ref __event) => {
                    ::orchestrix::__private::Key::to_key(
                        &::orchestrix::__private::FieldKey::of(&__event.order),
                    )
                }
            }
        }
        fn begin(
            __event: &__Event,
            __cx: &mut ::orchestrix::__private::Reactions,
        ) -> ::orchestrix::__private::std::option::Option<Self> {
            match *__event {
                __Event::OrderPlaced(ref __event) => {
                    ::orchestrix::__private::std::option::Option::Some(
                        <PaymentDeadline>::placed(__event),
                    )
                }
            }
        }
        fn react(
            &mut self,
            __event: &__Event,
            __cx: &mut ::orchestrix::__private::Reactions,
        ) {
            let __state = self;
            match *__event {
                __Event::OrderPlaced(_) => {}
            }
        }
        fn fire(
            &mut self,
            __timer: ::orchestrix::__private::std::primitive::usize,
            __cx: &mut ::orchestrix::__private::Reactions,
        ) {
            let __state = self;
            match ::orchestrix::__private::timer_name::<Self>(__timer) {
                _ => {}
            }
        }
        fn rejected(
            &mut self,
            __rejection: &::orchestrix::__private::Rejection,
            __cx: &mut ::orchestrix::__private::Reactions,
        ) -> ::orchestrix::__private::std::primitive::bool {
            let __state = self;
            #[cfg(test)]
            {
                return <() as ::orchestrix::__private::RejectedOutput>::into_answer(
                    <PaymentDeadline>::refused(__state, __rejection),
                );
            }
            #[allow(unreachable_code)] { false }
        }
    }
};
