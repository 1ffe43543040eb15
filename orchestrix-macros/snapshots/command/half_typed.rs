#[automatically_derived]
impl ::orchestrix::__private::Command for Deposit {
    const NAME: &'static ::orchestrix::__private::std::primitive::str = "Deposit";
    fn duplicate(&self) -> Self {
        ::orchestrix::__private::std::unreachable!()
    }
}
#[automatically_derived]
impl ::orchestrix::__private::StreamCommand for Deposit {
    fn stream_key(&self) -> ::orchestrix::__private::std::string::String {
        ::orchestrix::__private::std::unreachable!()
    }
}
::core::compile_error! {
    "unknown key `na`: `#[command(..)]` accepts `name`, `no_id` and `crate`"
}
::core::compile_error! {
    "no field names the stream: mark one with `#[id]`, or the command with `#[command(no_id)]` if a module handles it"
}
