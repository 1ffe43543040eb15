//! Ctrl-C and `SIGTERM` in the middle of an import.

use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};

use crate::binary::{Ran, TestResult, import};
use crate::import_killed::wait_for;
use crate::import_totals::december;
use crate::place::{Place, block_on, on_postgres, on_sqlite};

/// How many invoices an import has under way at once unless told otherwise.
const UNDER_WAY: u64 = 64;

fn tell(child: &Child, signal: Signal) -> TestResult {
    Ok(kill_process(Pid::from_child(child), signal)?)
}

/// Is told to end after some invoices, says how many are done, and goes on from there.
fn check(place: &Place, signal: Signal, code: i32) -> TestResult {
    let Some((log, expected)) = december()? else {
        return Ok(());
    };
    let mut interrupted = import(&log, &place.store).spawn()?;
    assert!(block_on(wait_for(place, 100, &mut interrupted))?);
    tell(&interrupted, signal)?;
    let ran = Ran::ended(interrupted)?;
    ran.refused(
        code,
        &[
            "ordering: interrupted after ",
            " of 2025 invoices, which are kept; the same command goes on from there",
        ],
    );
    let done: u64 = ran.stderr.split(' ').nth(3).ok_or("a number")?.parse()?;
    // What is stored is counted when its answer has come, so those under way may be stored and not counted.
    assert!((100 - UNDER_WAY..2025).contains(&done), "{done}");

    let ran = Ran::of(import(&log, &place.store).output()?)?;
    let told = ran.stderr.clone();
    assert_eq!(ran.report()?, expected);
    let before = told
        .strip_suffix(" had been imported before\n")
        .and_then(|told| told.rsplit_once(' '))
        .ok_or("what was imported before")?;
    // Some may have been done without having been counted when it ended.
    assert!((done..2025).contains(&before.1.parse()?), "{told}");
    Ok(())
}

#[test]
fn ctrl_c_on_sqlite() -> TestResult {
    on_sqlite(|place| check(place, Signal::INT, 130))
}

#[test]
fn sigterm_on_sqlite() -> TestResult {
    on_sqlite(|place| check(place, Signal::TERM, 143))
}

#[test]
fn ctrl_c_on_postgres() -> TestResult {
    on_postgres("ctrl_c_on_postgres", |place| check(place, Signal::INT, 130))
}

#[test]
fn sigterm_on_postgres() -> TestResult {
    on_postgres("sigterm_on_postgres", |place| {
        check(place, Signal::TERM, 143)
    })
}
