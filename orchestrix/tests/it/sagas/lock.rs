//! The file that keeps the shapes of sagas.

use std::path::PathBuf;

use orchestrix::testkit::{SagaLock, SagaLockError};

use super::changed::{Extended, Turned};
use super::trip::Trip;

fn file(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_file(&path);
    path
}

#[test]
fn what_is_new_is_written_when_that_is_asked_for() {
    let path = file("new-sagas.lock");
    let lock = || SagaLock::at(&path).saga::<Trip>();
    let missing = lock().check_or_update(false);
    assert!(matches!(&missing, Err(SagaLockError::Outdated { new, .. }) if new.len() == 4));
    assert!(!path.exists(), "it is not written unasked");
    lock().check_or_update(true).unwrap();
    lock().check_or_update(false).unwrap();
}

#[test]
fn steps_that_changed_are_refused_and_new_ones_are_not() {
    let path = file("changed-sagas.lock");
    let lock = || SagaLock::at(&path);
    lock().saga::<Trip>().check_or_update(true).unwrap();
    for update in [false, true] {
        let Err(error) = lock().saga::<Turned>().check_or_update(update) else {
            panic!("steps are gone")
        };
        let told = error.to_string();
        assert!(told.contains("step `pay` is no more"), "{told}");
        assert!(told.contains("step `flight` came after []"), "{told}");
    }
    let Err(SagaLockError::Changed { changes, .. }) =
        lock().saga::<Extended>().check_or_update(true)
    else {
        panic!("the payment comes after another step")
    };
    assert_eq!(
        changes,
        [r#"step `pay` came after ["car"], and comes after ["insure"]"#]
    );
    lock().saga::<Trip>().check_or_update(false).unwrap();
}

#[test]
fn a_file_of_another_kind_is_told() {
    let path = file("no-sagas.lock");
    std::fs::write(&path, "[1]").unwrap();
    let told = SagaLock::at(&path).saga::<Trip>().check_or_update(true);
    assert!(matches!(told, Err(SagaLockError::Format { .. })));
    let folder = SagaLock::at(env!("CARGO_TARGET_TMPDIR")).saga::<Trip>();
    let told = folder.check_or_update(false);
    assert!(matches!(told, Err(SagaLockError::File { .. })));
}
