#[allow(deprecated)]
const _: () = {
    #[automatically_derived]
    impl ::orchestrix::__private::Command for CloseAccount {
        const NAME: &'static ::orchestrix::__private::std::primitive::str = "close";
        fn duplicate(&self) -> Self {
            Self {
                0: ::orchestrix::__private::std::clone::Clone::clone(&self.0),
                1: ::orchestrix::__private::std::clone::Clone::clone(&self.1),
            }
        }
    }
    #[automatically_derived]
    impl ::orchestrix::__private::StreamCommand for CloseAccount {
        fn stream_key(&self) -> ::orchestrix::__private::std::string::String {
            ::orchestrix::__private::Key::to_key(&self.1)
        }
    }
};
