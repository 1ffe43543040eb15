impl Fulfilment {
    async fn begin(&self, event: OrderPlaced) {}
    fn reserve(self, other: Reservation) -> impl Sized {}
    async fn release() {}
}
::core::compile_error! {
    "a name cannot be empty"
}
::core::compile_error! {
    "`key` takes the field of the event that names the instance: write `key = order`"
}
::core::compile_error! {
    "a `#[start]` method cannot be async: it only makes the saga's state of the event"
}
::core::compile_error! {
    "a `#[start]` method makes the saga's state: write `fn ..(event: &TheEvent) -> Self`"
}
::core::compile_error! {
    "an event is taken by reference: write `&OrderPlaced`"
}
::core::compile_error! {
    "a `#[step]` method of a saga is async: write `async fn`"
}
::core::compile_error! {
    "a `#[step]` method of a saga takes `&self`, or `&mut self` to change the saga's state"
}
::core::compile_error! {
    "this is taken by reference: write `&Reservation`"
}
::core::compile_error! {
    "a `#[step]` method names what it returns: write the type instead of `impl ..`"
}
::core::compile_error! {
    "`retry` takes a number, and how long the first one waits if you like: write `retry(3)` or `retry(3, wait = \"100ms\")`"
}
::core::compile_error! {
    "a duration is a whole number with `ms`, `s`, `m` or `h` after it, from \"1ms\" to \"8760h\": write \"30s\""
}
::core::compile_error! {
    "unknown key `after`: `#[compensation(..)]` accepts `name`, `retry` and `timeout`"
}
::core::compile_error! {
    "a `#[compensation]` method of a saga takes `&self`, or `&mut self` to change the saga's state"
}
::core::compile_error! {
    "`nothing` is no step: name a method with `#[step]`"
}
::core::compile_error! {
    "`other` is no step: a parameter is called like the step whose result it is"
}
const _: () = {
    #[automatically_derived]
    impl ::orchestrix::__private::Saga for Fulfilment {
        const NAME: &'static ::orchestrix::__private::std::primitive::str = "fulfilment";
        const STEPS: &'static [::orchestrix::__private::Step] = &[];
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
