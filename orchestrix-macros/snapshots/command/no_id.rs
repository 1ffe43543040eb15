#[allow(deprecated)]
const _: () = {
    #[automatically_derived]
    impl ::orchestrix::__private::Command for Checkout {
        const NAME: &'static ::orchestrix::__private::std::primitive::str = "Checkout";
        fn duplicate(&self) -> Self {
            Self {}
        }
    }
};
