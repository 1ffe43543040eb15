impl Transfer {
    async fn withdraw(&self) -> Result<(), StepError> {
        body!()
    }
}
const _: () = {
    #[automatically_derived]
    impl ::orchestrix::__private::Saga for Transfer {
        const NAME: &'static ::orchestrix::__private::std::primitive::str = "transfer";
        const STEPS: &'static [::orchestrix::__private::Step] = &[
            ::orchestrix::__private::Step::new("withdraw"),
        ];
        type Start = ::orchestrix::__private::ByHand;
        fn key(
            __event: &::orchestrix::__private::ByHand,
        ) -> ::orchestrix::__private::std::string::String {
            match *__event {}
        }
        fn begin(__event: &::orchestrix::__private::ByHand) -> Self {
            match *__event {}
        }
        fn run<'__run>(
            &'__run mut self,
            __step: ::orchestrix::__private::std::primitive::usize,
            __cx: &'__run ::orchestrix::__private::SagaContext,
        ) -> ::orchestrix::__private::StepFuture<'__run> {
            let __state = self;
            match ::orchestrix::__private::step_name::<Self>(__step) {
                "withdraw" => {
                    ::orchestrix::__private::std::boxed::Box::pin(async move {
                        <Result<
                            (),
                            StepError,
                        > as ::orchestrix::__private::StepOutput>::into_payload(
                            <Transfer>::withdraw(__state).await,
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
                __other => ::orchestrix::__private::no_compensation(__other),
            }
        }
    }
};
