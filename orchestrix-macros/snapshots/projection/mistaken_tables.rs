impl Shelf {
    fn create(&self) {}
    async fn sold(event: &Sold) {}
}
::core::compile_error! {
    "a `#[create]` method of a projection with tables of its own is async: write `async fn`, or remove `store` for a fold into documents"
}
::core::compile_error! {
    "a `#[create]` method of a projection with tables of its own takes no `self`: what it knows is in its tables"
}
::core::compile_error! {
    "a `#[create]` method takes the transaction last: add `tx: &mut TheTransaction`"
}
::core::compile_error! {
    "an `#[apply]` method takes the transaction last: add `tx: &mut TheTransaction`"
}
::core::compile_error! {
    "a projection with tables of its own has no documents: remove `key`"
}
