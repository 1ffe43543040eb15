async fn f<T>(old: &T, more: u8) {
    old
}
::core::compile_error! {
    "unknown key `to`: `#[upcast(..)]` accepts `event`, `from` and `crate`"
}
::core::compile_error! {
    "an upcaster takes the old event by value: remove the `&`"
}
::core::compile_error! {
    "an upcaster takes the old event and nothing else: what it needs must be in the event"
}
::core::compile_error! {
    "an upcaster returns the new event: write `-> OrderPlaced`, or `-> Value` for one on JSON"
}
::core::compile_error! {
    "an upcaster cannot be async: it does no I/O, so that every read gives the same event"
}
::core::compile_error! {
    "an upcaster cannot be generic: write one function for each event"
}
::core::compile_error! {
    "which schema version does it take? add `from = 1`"
}
