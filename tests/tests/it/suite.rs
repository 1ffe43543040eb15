//! The suite's own manners: what it skips, and that it cleans up.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use orchestrix::error::BoxError;
use orchestrix::store::Backend;
use orchestrix::testkit::conformance::{
    BEHAVIOURS, Capabilities, Capability, StoreUnderTest, run_as_test,
};

/// What a test did with its store.
#[derive(Default)]
struct Calls {
    opened: AtomicUsize,
    disposed: AtomicUsize,
}

/// A store that cannot be opened.
struct Closed {
    calls: Arc<Calls>,
    unavailable: Option<String>,
    panics: bool,
}

#[async_trait]
impl StoreUnderTest for Closed {
    fn unavailable(&self) -> Option<String> {
        self.unavailable.clone()
    }

    async fn open(&self) -> Result<Arc<dyn Backend>, BoxError> {
        self.calls.opened.fetch_add(1, Ordering::Relaxed);
        match self.panics {
            true => panic!("the store panicked"),
            false => Err("no such file".into()),
        }
    }

    async fn dispose(&self) -> Result<(), BoxError> {
        self.calls.disposed.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Runs a behaviour on a store that cannot be opened; whether the test passes, and how often it was opened and disposed.
fn run(behaviour: &'static str, unavailable: Option<&str>, panics: bool) -> (bool, usize, usize) {
    let calls = Arc::new(Calls::default());
    let subject = Closed {
        calls: calls.clone(),
        unavailable: unavailable.map(str::to_owned),
        panics,
    };
    let passed = catch_unwind(AssertUnwindSafe(|| run_as_test(behaviour, |_| subject))).is_ok();
    let count = |calls: &AtomicUsize| calls.load(Ordering::Relaxed);
    (passed, count(&calls.opened), count(&calls.disposed))
}

#[test]
fn a_violation_fails_the_test_and_the_store_is_disposed() {
    assert_eq!(run("any_is_always_met", None, false), (false, 1, 1));
}

#[test]
fn a_panic_fails_the_test_and_the_store_is_disposed() {
    assert_eq!(run("any_is_always_met", None, true), (false, 1, 1));
}

#[test]
fn an_unavailable_store_is_skipped() {
    let reason = Some("a store that is there for this line only");
    assert_eq!(run("any_is_always_met", reason, false), (true, 0, 0));
}

#[test]
fn a_behaviour_beyond_the_capabilities_is_skipped() {
    assert_eq!(run("reopening_keeps_events", None, false), (true, 0, 0));
}

#[test]
fn behaviours_are_many_and_differ_in_name() {
    let names: HashSet<_> = BEHAVIOURS.iter().map(|behaviour| behaviour.name).collect();
    assert_eq!(names.len(), BEHAVIOURS.len());
    assert!(names.len() >= 190, "{}", names.len());
}

#[test]
fn few_behaviours_need_capabilities() {
    let modest = Capabilities::none();
    let applicable = BEHAVIOURS
        .iter()
        .filter(|behaviour| behaviour.applies_to(modest))
        .count();
    assert_eq!(BEHAVIOURS.len() - applicable, 21);
    let durable = modest.with(Capability::Durable);
    assert_eq!(
        BEHAVIOURS
            .iter()
            .filter(|behaviour| behaviour.applies_to(durable))
            .count(),
        applicable + 11
    );
}
