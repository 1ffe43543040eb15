/// Kept.
#[derive(Debug)]
pub struct Bank {
    mail: Mailer,
}
#[automatically_derived]
impl ::orchestrix::__private::Module for Bank {
    fn name(&self) -> &'static ::orchestrix::__private::std::primitive::str {
        "the bank"
    }
    fn register(
        self: ::orchestrix::__private::std::sync::Arc<Self>,
        __parts: &mut ::orchestrix::__private::Parts,
    ) {
        __parts.aggregate::<Account>();
        __parts.aggregate::<orders::Order>();
        __parts.projection::<Balance>();
        ::orchestrix::__private::saga::<Transfer, _>(__parts);
    }
}
