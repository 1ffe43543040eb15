//! Running one behaviour as one `#[test]`.

use std::collections::HashSet;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{LazyLock, Mutex, PoisonError};

use super::behaviours::BEHAVIOURS;
use super::subject::StoreUnderTest;
use crate::error::chain;

/// The body of the tests that [`conformance_tests!`](crate::testkit::conformance_tests) makes.
///
/// # Panics
/// When the behaviour is violated: that is how a test fails.
#[doc(hidden)]
#[track_caller]
pub fn run_as_test<S: StoreUnderTest>(name: &'static str, subject: impl FnOnce(&'static str) -> S) {
    let Some(behaviour) = BEHAVIOURS.iter().find(|behaviour| behaviour.name == name) else {
        panic!("there is no behaviour `{name}`");
    };
    let subject = subject(name);
    if !behaviour.applies_to(subject.capabilities()) {
        return skip(format!(
            "{name} needs {:?}, which the store does not declare",
            behaviour.needs
        ));
    }
    if let Some(reason) = subject.unavailable() {
        return skip(reason);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = runtime.unwrap_or_else(|error| panic!("no runtime for the test: {error}"));
    let check = AssertUnwindSafe(|| runtime.block_on(behaviour.check(&subject)));
    let checked = catch_unwind(check);
    let disposed = runtime.block_on(subject.dispose());
    match checked {
        Ok(Ok(())) => {}
        Ok(Err(violation)) => panic!("{behaviour:?}: {violation}"),
        Err(panicked) => resume_unwind(panicked),
    }
    if let Err(error) = disposed {
        panic!("{behaviour:?} left something behind: {}", chain(&*error));
    }
}

/// Says once for each reason what is not tested. Written past the capture of passing tests' output: a skipped test
/// must be seen.
fn skip(reason: String) {
    static SAID: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if !said.contains(&reason) {
        // A closed stderr is no reason to fail a test.
        let _ = writeln!(std::io::stderr(), "SKIP {reason}");
        said.insert(reason);
    }
}
