impl Fulfilment {
    #[cfg(test)]
    fn begin(event: &OrderPlaced) -> Self {
        body!()
    }
    #[cfg(test)]
    async fn reserve(&self) -> Result<(), StepError> {
        body!()
    }
    async fn charge(&self) -> Result<(), StepError> {
        body!()
    }
    #[cfg(test)]
    async fn release(&self) {}
}
const _: () = {
    ///`Fulfilment`'s events.
    #[allow(private_interfaces, unreachable_pub, clippy::large_enum_variant)]
    pub enum __Start {
        #[cfg(test)]
        ///`OrderPlaced`.
        OrderPlaced(OrderPlaced),
    }
    #[automatically_derived]
    impl ::orchestrix::__private::std::fmt::Debug for __Start {
        fn fmt(
            &self,
            __f: &mut ::orchestrix::__private::std::fmt::Formatter<'_>,
        ) -> ::orchestrix::__private::std::fmt::Result {
            __f.write_str(::orchestrix::__private::Event::event_type(self).name())
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::Event for __Start {
        fn types() -> ::orchestrix::__private::std::vec::Vec<
            &'static ::orchestrix::__private::EventType,
        > {
            ::orchestrix::__private::all_types([
                #[cfg(test)]
                <OrderPlaced as ::orchestrix::__private::Event>::types(),
            ])
        }
        fn event_type(&self) -> &'static ::orchestrix::__private::EventType {
            match *self {
                #[cfg(test)]
                __Start::OrderPlaced(ref __event) => {
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
                #[cfg(test)]
                __Start::OrderPlaced(ref __event) => {
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
                #[cfg(test)]
                __Start::OrderPlaced(ref __event) => {
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
            #[cfg(test)]
            if let ::orchestrix::__private::std::option::Option::Some(__decoded) = <OrderPlaced as ::orchestrix::__private::Event>::decode(
                __event,
            ) {
                return ::orchestrix::__private::std::option::Option::Some(
                    __decoded.map(__Start::OrderPlaced),
                );
            }
            ::orchestrix::__private::std::option::Option::None
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::Saga for Fulfilment {
        const NAME: &'static ::orchestrix::__private::std::primitive::str = "fulfilment";
        const STEPS: &'static [::orchestrix::__private::Step] = &[
            #[cfg(test)]
            ::orchestrix::__private::Step {
                compensation: ::orchestrix::__private::std::option::Option::Some(
                    ::orchestrix::__private::Compensation::new("release"),
                ),
                ..::orchestrix::__private::Step::new("reserve")
            },
            ::orchestrix::__private::Step::new("charge"),
        ];
        type Start = __Start;
        fn key(__event: &__Start) -> ::orchestrix::__private::std::string::String {
            match *__event {
                #[cfg(test)]
                __Start::OrderPlaced(ref __event) => {
                    ::orchestrix::__private::Key::to_key(
                        &::orchestrix::__private::FieldKey::of(&__event.order),
                    )
                }
            }
        }
        fn begin(__event: &__Start) -> Self {
            match *__event {
                #[cfg(test)]
                __Start::OrderPlaced(ref __event) => <Fulfilment>::begin(__event),
            }
        }
        fn run<'__run>(
            &'__run mut self,
            __step: ::orchestrix::__private::std::primitive::usize,
            __cx: &'__run ::orchestrix::__private::SagaContext,
        ) -> ::orchestrix::__private::StepFuture<'__run> {
            let __state = self;
            match ::orchestrix::__private::step_name::<Self>(__step) {
                #[cfg(test)]
                "reserve" => {
                    ::orchestrix::__private::std::boxed::Box::pin(async move {
                        <Result<
                            (),
                            StepError,
                        > as ::orchestrix::__private::StepOutput>::into_payload(
                            <Fulfilment>::reserve(__state).await,
                        )
                    })
                }
                "charge" => {
                    ::orchestrix::__private::std::boxed::Box::pin(async move {
                        <Result<
                            (),
                            StepError,
                        > as ::orchestrix::__private::StepOutput>::into_payload(
                            <Fulfilment>::charge(__state).await,
                        )
                    })
                }
                __other => ::orchestrix::__private::no_step(__other),
            }
        }
        fn compensate<'__run>(
            &'__run mut self,
            __step: ::orchestrix::__private::std::primitive::usize,
            __cx: &'__run ::orchestrix::__private::SagaContext,
        ) -> ::orchestrix::__private::CompensationFuture<'__run> {
            let __state = self;
            match ::orchestrix::__private::step_name::<Self>(__step) {
                #[cfg(test)]
                "reserve" => {
                    ::orchestrix::__private::std::boxed::Box::pin(async move {
                        <() as ::orchestrix::__private::CompensationOutput>::into_result(
                            <Fulfilment>::release(__state).await,
                        )
                    })
                }
                __other => ::orchestrix::__private::no_compensation(__other),
            }
        }
    }
};
