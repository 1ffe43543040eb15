#[allow(deprecated)]
const _: () = {
    #[automatically_derived]
    impl ::orchestrix::__private::Command for Deposit {
        const NAME: &'static ::orchestrix::__private::std::primitive::str = "Deposit";
        fn duplicate(&self) -> Self {
            Self {
                account: ::orchestrix::__private::std::clone::Clone::clone(
                    &self.account,
                ),
                pence: ::orchestrix::__private::std::clone::Clone::clone(&self.pence),
            }
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::StreamCommand for Deposit {
        fn stream_key(&self) -> ::orchestrix::__private::std::string::String {
            ::orchestrix::__private::Key::to_key(&self.account)
        }
    }
};
