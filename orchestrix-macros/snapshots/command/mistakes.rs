#[automatically_derived]
impl<T> ::orchestrix::__private::Command for Deposit<T>
where
    Self: ::orchestrix::__private::std::marker::Send
        + ::orchestrix::__private::std::marker::Sync + 'static,
{
    const NAME: &'static ::orchestrix::__private::std::primitive::str = "Deposit";
    fn duplicate(&self) -> Self {
        ::orchestrix::__private::std::unreachable!()
    }
}
#[automatically_derived]
impl<T> ::orchestrix::__private::StreamCommand for Deposit<T>
where
    Self: ::orchestrix::__private::std::marker::Send
        + ::orchestrix::__private::std::marker::Sync + 'static,
{
    fn stream_key(&self) -> ::orchestrix::__private::std::string::String {
        ::orchestrix::__private::std::unreachable!()
    }
}
::core::compile_error! {
    "unknown key `nam`: `#[command(..)]` accepts `name`, `no_id` and `crate`"
}
::core::compile_error! {
    "`#[id]` takes no arguments: write `#[id]`"
}
::core::compile_error! {
    "commands cannot be generic: each command has one handler, so write one struct for each"
}
::core::compile_error! {
    "another `#[id]` names the stream already: remove one, or make one id type of both fields"
}
