//! An import that is killed in the middle, and the same command again.

use std::cell::Cell;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Stdio};

use ordering::demo_log::demo_log;
use ordering::log::Log;
use rustix::process::Signal;
use test_servers::QUICK_VARIABLE;

use crate::binary::{Ran, TestResult, import, report};
use crate::history::{Beside, History, IMPORTED, assert_same, undisturbed};
use crate::import_totals::december;
use crate::oracle;
use crate::place::{Place, block_on, on_postgres, on_sqlite};
use crate::sample::{read, read_file};

/// Imports are cut at other places with another seed.
const SEED_VARIABLE: &str = "ORCHESTRIX_SEED";

/// SplitMix64.
pub(crate) struct Seeded(u64);

impl Seeded {
    pub(crate) fn new() -> Self {
        let seed = std::env::var(SEED_VARIABLE).ok();
        let seed = seed.and_then(|seed| seed.parse().ok()).unwrap_or(2010);
        eprintln!("{SEED_VARIABLE}={seed}");
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) % bound as u64) as usize
    }
}

/// Starts an import that nobody reads from.
pub(crate) fn start(file: &Path, place: &Place) -> TestResult<Child> {
    let mut command = import(file, &place.store);
    command.args(["--concurrency", "8"]).stdout(Stdio::null());
    Ok(command.spawn()?)
}

/// Waits until at least so many invoices are done; false when the import has ended by itself.
pub(crate) async fn wait_for(
    place: &Place,
    invoices: usize,
    import: &mut Child,
) -> TestResult<bool> {
    let beside = Beside::open(place).await?;
    let reached = beside.reached(IMPORTED, invoices, import).await?;
    // The killed process has to be the last one that had the file open: what it left in the WAL is then recovered by the
    // next one, not tidied up by the end of this look at it.
    beside.close().await?;
    Ok(reached)
}

/// How many invoices a killed import left. An SQLite file is looked at in a copy, so that the next import finds it as it
/// was left.
async fn left_behind(place: &Place) -> TestResult<usize> {
    let beside = match place.sqlite_file() {
        None => Beside::open(place).await?,
        Some(file) => {
            let copy = place.path("copy.db");
            fs::copy(file, &copy)?;
            let wal = place.path("shop.db-wal");
            if wal.exists() {
                fs::copy(wal, place.path("copy.db-wal"))?;
            }
            Beside::open_file(&copy).await?
        }
    };
    let invoices = beside.invoices().await;
    beside.close().await?;
    if place.sqlite_file().is_some() {
        fs::remove_file(place.path("copy.db"))?;
    }
    invoices
}

/// Imports, is killed after each of `cuts` invoices, and imports to the end; checks that the killed ones left a part.
///
/// None where an import was over before it could be killed, as happens when this process gets too little time.
fn import_with_cuts(
    place: &Place,
    file: &Path,
    cuts: &[usize],
    all: usize,
) -> TestResult<Option<Ran>> {
    let mut least = 0;
    for cut in cuts {
        let mut killed = start(file, place)?;
        let in_the_middle = block_on(wait_for(place, *cut, &mut killed))?;
        killed.kill()?;
        let status = killed.wait()?;
        if !in_the_middle || status.success() {
            eprintln!("over before it was killed at {cut}: {status}");
            return Ok(None);
        }
        assert_eq!(
            status.signal(),
            Some(Signal::KILL.as_raw()),
            "before invoice {cut}"
        );
        let left = block_on(left_behind(place))?;
        eprintln!("killed at {cut}: {left} of {all} invoices are there");
        assert!(
            (*cut..all).contains(&left) && left >= least,
            "{left} after {least}"
        );
        least = left;
    }
    let ran = Ran::of(import(file, &place.store).output()?)?.succeeded()?;
    let told = format!(
        "{} invoices imported, {least} had been imported before\n",
        all - least
    );
    assert_eq!(ran.stderr, told);
    Ok(Some(ran))
}

/// A kind of store: runs a test in a new one.
type Places<'a> = &'a dyn Fn(&dyn Fn(&Place) -> TestResult) -> TestResult;

/// Runs [`import_with_cuts`] and the checks that follow it, in a new shop each time until the kills were in time.
fn check_cuts(
    places: Places<'_>,
    log: &Path,
    cuts: &[usize],
    all: usize,
    check: impl Fn(&Place, Ran) -> TestResult,
) -> TestResult {
    for _ in 0..5 {
        let missed = Cell::new(false);
        places(&|place| match import_with_cuts(place, log, cuts, all)? {
            Some(ran) => check(place, ran),
            None => {
                missed.set(true);
                Ok(())
            }
        })?;
        if !missed.get() {
            return Ok(());
        }
    }
    Err("each import was over before it could be killed".into())
}

fn check_history(place: &Place, expected: &History) -> TestResult {
    block_on(async {
        let beside = Beside::open(place).await?;
        assert_same(&beside.history().await?, expected);
        beside.close().await
    })
}

fn december_killed_twice(places: Places<'_>) -> TestResult {
    let Some((log, expected)) = december()? else {
        return Ok(());
    };
    let all = 2025;
    let undisturbed = block_on(undisturbed(&read_file(&log)?))?;
    let mut seeded = Seeded::new();
    let first = 1 + seeded.below(all / 2);
    let second = first + 200 + seeded.below(all / 4);
    check_cuts(places, &log, &[first, second], all, |place, ran| {
        assert_eq!(ran.report()?, expected);
        assert_eq!(report(&place.store)?, expected);
        check_history(place, &undisturbed)
    })
}

#[test]
fn december_killed_twice_on_sqlite() -> TestResult {
    december_killed_twice(&|test| on_sqlite(test))
}

#[test]
fn december_killed_twice_on_postgres() -> TestResult {
    december_killed_twice(&|test| on_postgres("december_killed_twice_on_postgres", test))
}

/// How many places a log is cut at.
fn rounds() -> usize {
    let set = |variable| std::env::var(variable).ok();
    let times = set("ORCHESTRIX_TORTURE").and_then(|times| times.parse().ok());
    let quick = set(QUICK_VARIABLE).as_deref() == Some("1");
    times.unwrap_or(1) * if quick { 2 } else { 5 }
}

/// A small log, killed in several places, each in a shop of its own.
fn killed_anywhere(places: Places<'_>) -> TestResult {
    let log: Log = read(demo_log())?;
    let folder = Place::memory()?;
    let file = folder.write("demo.csv", demo_log())?;
    let undisturbed = block_on(undisturbed(&log))?;
    let all = log.invoices.len();
    let mut seeded = Seeded::new();
    for _ in 0..rounds() {
        // Towards the end a look at the store takes longer than what is left to do.
        let cut = 1 + seeded.below(all / 2);
        check_cuts(places, &file, &[cut], all, |place, ran| {
            assert_eq!(ran.report()?, oracle::report(&log));
            check_history(place, &undisturbed)
        })?;
    }
    Ok(())
}

#[test]
fn killed_anywhere_on_sqlite() -> TestResult {
    killed_anywhere(&|test| on_sqlite(test))
}

#[test]
fn killed_anywhere_on_postgres() -> TestResult {
    killed_anywhere(&|test| on_postgres("killed_anywhere_on_postgres", test))
}
