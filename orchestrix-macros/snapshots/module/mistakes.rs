impl Ordering {
    fn thank(event: &OrderPlaced) {}
    async fn checkout(&mut self) {}
}
::core::compile_error! {
    "unknown key `policies`: `#[module(..)]` accepts `aggregates`, `projections`, `tables`, `sagas`, `name` and `crate`"
}
::core::compile_error! {
    "an `#[on]` method of a module is async: write `async fn`"
}
::core::compile_error! {
    "an `#[on]` method of a module takes `&self`: the module is shared by all that run at once"
}
::core::compile_error! {
    "a `#[handle]` method of a module takes `&self`: the module is shared by all that run at once"
}
::core::compile_error! {
    "a `#[handle]` method takes a command: add `cmd: TheCommand`"
}
::core::compile_error! {
    "`A` is listed twice in `aggregates(..)`: remove one"
}
#[automatically_derived]
impl ::orchestrix::__private::Module for Ordering {
    fn name(&self) -> &'static ::orchestrix::__private::std::primitive::str {
        "ordering"
    }
    fn register(
        self: ::orchestrix::__private::std::sync::Arc<Self>,
        _: &mut ::orchestrix::__private::Parts,
    ) {}
}
