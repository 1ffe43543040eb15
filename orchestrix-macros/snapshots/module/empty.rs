struct Empty;
#[automatically_derived]
impl ::orchestrix::__private::Module for Empty {
    fn name(&self) -> &'static ::orchestrix::__private::std::primitive::str {
        "empty"
    }
    fn register(
        self: ::orchestrix::__private::std::sync::Arc<Self>,
        __parts: &mut ::orchestrix::__private::Parts,
    ) {}
}
