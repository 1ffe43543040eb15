impl Fulfilment {
    fn begin(event: &OrderPlaced) -> Self {
        body!()
    }
    fn again(event: &OrderReopened) -> Fulfilment {
        body!()
    }
    async fn reserve(&self, cx: &SagaContext) -> Result<Reservation, StepError> {
        body!()
    }
    async fn charge(
        &self,
        cx: &SagaContext,
        reserve: &Reservation,
    ) -> Result<Payment, StepError> {
        body!()
    }
    async fn ship(
        &mut self,
        charge: &Payment,
        reserve: &Reservation,
    ) -> Result<(), ShipError> {
        body!()
    }
    async fn thank(&self) {
        body!()
    }
    async fn release(
        &self,
        done: &Reservation,
        cx: &SagaContext,
    ) -> Result<(), StepError> {
        body!()
    }
    async fn refund(&mut self, _: &Payment, reserve: &Reservation) {
        body!()
    }
    fn unmarked(&self) {}
}
const _: () = {
    ///`Fulfilment`'s events.
    #[allow(private_interfaces, unreachable_pub, clippy::large_enum_variant)]
    pub enum __Start {
        ///`OrderPlaced`.
        OrderPlaced(OrderPlaced),
        ///`OrderReopened`.
        OrderReopened(OrderReopened),
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
                <OrderPlaced as ::orchestrix::__private::Event>::types(),
                <OrderReopened as ::orchestrix::__private::Event>::types(),
            ])
        }
        fn event_type(&self) -> &'static ::orchestrix::__private::EventType {
            match *self {
                __Start::OrderPlaced(ref __event) => {
                    <OrderPlaced as ::orchestrix::__private::Event>::event_type(__event)
                }
                __Start::OrderReopened(ref __event) => {
                    <OrderReopened as ::orchestrix::__private::Event>::event_type(
                        __event,
                    )
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
                __Start::OrderPlaced(ref __event) => {
                    <OrderPlaced as ::orchestrix::__private::Event>::encode(__event)
                }
                __Start::OrderReopened(ref __event) => {
                    <OrderReopened as ::orchestrix::__private::Event>::encode(__event)
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
                __Start::OrderPlaced(ref __event) => {
                    <OrderPlaced as ::orchestrix::__private::Event>::tags(__event)
                }
                __Start::OrderReopened(ref __event) => {
                    <OrderReopened as ::orchestrix::__private::Event>::tags(__event)
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
                    __decoded.map(__Start::OrderPlaced),
                );
            }
            if let ::orchestrix::__private::std::option::Option::Some(__decoded) = <OrderReopened as ::orchestrix::__private::Event>::decode(
                __event,
            ) {
                return ::orchestrix::__private::std::option::Option::Some(
                    __decoded.map(__Start::OrderReopened),
                );
            }
            ::orchestrix::__private::std::option::Option::None
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::Saga for Fulfilment {
        const NAME: &'static ::orchestrix::__private::std::primitive::str = "fulfil";
        const STEPS: &'static [::orchestrix::__private::Step] = &[
            ::orchestrix::__private::Step {
                compensation: ::orchestrix::__private::std::option::Option::Some(::orchestrix::__private::Compensation {
                    retry: ::orchestrix::__private::StepRetry::times(5u32),
                    timeout: ::orchestrix::__private::std::time::Duration::from_millis(
                        10000u64,
                    ),
                    ..::orchestrix::__private::Compensation::new("release")
                }),
                ..::orchestrix::__private::Step::new("reserve")
            },
            ::orchestrix::__private::Step {
                retry: ::orchestrix::__private::step_retry(3u32, 100u64),
                timeout: ::orchestrix::__private::std::time::Duration::from_millis(
                    30000u64,
                ),
                after: &["reserve"],
                compensation: ::orchestrix::__private::std::option::Option::Some(::orchestrix::__private::Compensation {
                    changes_state: true,
                    ..::orchestrix::__private::Compensation::new("pay_back")
                }),
                ..::orchestrix::__private::Step::new("pay")
            },
            ::orchestrix::__private::Step {
                retry: ::orchestrix::__private::StepRetry::times(2u32),
                changes_state: true,
                after: &["pay"],
                ..::orchestrix::__private::Step::new("ship")
            },
            ::orchestrix::__private::Step {
                after: &["ship"],
                ..::orchestrix::__private::Step::new("thank")
            },
        ];
        type Start = __Start;
        fn key(__event: &__Start) -> ::orchestrix::__private::std::string::String {
            match *__event {
                __Start::OrderPlaced(ref __event) => {
                    ::orchestrix::__private::Key::to_key(
                        &::orchestrix::__private::FieldKey::of(&__event.order),
                    )
                }
                __Start::OrderReopened(ref __event) => {
                    ::orchestrix::__private::Key::to_key(
                        &::orchestrix::__private::FieldKey::of(&__event.head.order),
                    )
                }
            }
        }
        fn begin(__event: &__Start) -> Self {
            match *__event {
                __Start::OrderPlaced(ref __event) => <Fulfilment>::begin(__event),
                __Start::OrderReopened(ref __event) => <Fulfilment>::again(__event),
            }
        }
        fn run<'__run>(
            &'__run mut self,
            __step: ::orchestrix::__private::std::primitive::usize,
            __cx: &'__run ::orchestrix::__private::SagaContext,
        ) -> ::orchestrix::__private::StepFuture<'__run> {
            let __state = self;
            match ::orchestrix::__private::step_name::<Self>(__step) {
                "reserve" => {
                    ::orchestrix::__private::std::boxed::Box::pin(async move {
                        <Result<
                            Reservation,
                            StepError,
                        > as ::orchestrix::__private::StepOutput>::into_payload(
                            <Fulfilment>::reserve(__state, __cx).await,
                        )
                    })
                }
                "pay" => {
                    ::orchestrix::__private::std::boxed::Box::pin(async move {
                        let __result_1 = __cx
                            .result::<
                                <Result<
                                    Reservation,
                                    StepError,
                                > as ::orchestrix::__private::StepOutput>::Value,
                            >("reserve")?;
                        <Result<
                            Payment,
                            StepError,
                        > as ::orchestrix::__private::StepOutput>::into_payload(
                            <Fulfilment>::charge(__state, __cx, &__result_1).await,
                        )
                    })
                }
                "ship" => {
                    ::orchestrix::__private::std::boxed::Box::pin(async move {
                        let __result_0 = __cx
                            .result::<
                                <Result<
                                    Payment,
                                    StepError,
                                > as ::orchestrix::__private::StepOutput>::Value,
                            >("pay")?;
                        let __result_1 = __cx
                            .result::<
                                <Result<
                                    Reservation,
                                    StepError,
                                > as ::orchestrix::__private::StepOutput>::Value,
                            >("reserve")?;
                        <Result<
                            (),
                            ShipError,
                        > as ::orchestrix::__private::StepOutput>::into_payload(
                            <Fulfilment>::ship(__state, &__result_0, &__result_1).await,
                        )
                    })
                }
                "thank" => {
                    ::orchestrix::__private::std::boxed::Box::pin(async move {
                        <() as ::orchestrix::__private::StepOutput>::into_payload(
                            <Fulfilment>::thank(__state).await,
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
                "reserve" => {
                    ::orchestrix::__private::std::boxed::Box::pin(async move {
                        let __result_0 = __cx
                            .result::<
                                <Result<
                                    Reservation,
                                    StepError,
                                > as ::orchestrix::__private::StepOutput>::Value,
                            >("reserve")?;
                        <Result<
                            (),
                            StepError,
                        > as ::orchestrix::__private::CompensationOutput>::into_result(
                            <Fulfilment>::release(__state, &__result_0, __cx).await,
                        )
                    })
                }
                "pay" => {
                    ::orchestrix::__private::std::boxed::Box::pin(async move {
                        let __result_0 = __cx
                            .result::<
                                <Result<
                                    Payment,
                                    StepError,
                                > as ::orchestrix::__private::StepOutput>::Value,
                            >("pay")?;
                        let __result_1 = __cx
                            .result::<
                                <Result<
                                    Reservation,
                                    StepError,
                                > as ::orchestrix::__private::StepOutput>::Value,
                            >("reserve")?;
                        <() as ::orchestrix::__private::CompensationOutput>::into_result(
                            <Fulfilment>::refund(__state, &__result_0, &__result_1).await,
                        )
                    })
                }
                __other => ::orchestrix::__private::no_compensation(__other),
            }
        }
    }
};
