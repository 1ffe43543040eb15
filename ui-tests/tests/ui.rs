//! Each case under `cases/<macro>/fail` must not compile, with the errors beside it; each under `pass` must run.
//!
//! After a message has changed: `TRYBUILD=overwrite cargo test -p ui-tests --test ui`, then read the difference.

#[test]
fn cases() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("cases/*/fail/*.rs");
    cases.pass("cases/*/pass/*.rs");
}
