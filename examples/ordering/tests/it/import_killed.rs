//! An import that is killed in the middle, and the same command again.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use ordering::demo_log::demo_log;
use ordering::log::Log;

use crate::binary::{Ran, TestResult, import, report};
use crate::history::{Beside, History, assert_same, undisturbed};
use crate::import_totals::december;
use crate::oracle;
use crate::place::{Place, block_on, on_postgres, on_sqlite};
use crate::sample::{read, read_file};

/// Imports are cut at other places with another seed.
const SEED_VARIABLE: &str = "ORCHESTRIX_SEED";

/// SplitMix64.
struct Seeded(u64);

impl Seeded {
    fn new() -> Self {
        let seed = std::env::var(SEED_VARIABLE).ok();
        let seed = seed.and_then(|seed| seed.parse().ok()).unwrap_or(2010);
        eprintln!("{SEED_VARIABLE}={seed}");
        Self(seed)
    }

    fn below(&mut self, bound: usize) -> usize {
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
    let reached = loop {
        if beside.invoices().await? >= invoices {
            break true;
        }
        if import.try_wait()?.is_some() {
            break false;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    };
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
fn import_with_cuts(place: &Place, file: &Path, cuts: &[usize], all: usize) -> TestResult<Ran> {
    let mut least = 0;
    for cut in cuts {
        let mut killed = start(file, place)?;
        let in_the_middle = block_on(wait_for(place, *cut, &mut killed))?;
        killed.kill()?;
        let status = killed.wait()?;
        assert!(
            in_the_middle && status.code().is_none(),
            "{status} before invoice {cut}"
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
    Ok(ran)
}

fn check_history(place: &Place, expected: &History) -> TestResult {
    block_on(async {
        let beside = Beside::open(place).await?;
        assert_same(&beside.history().await?, expected);
        beside.close().await
    })
}

/// December, killed twice.
fn december_killed_twice(place: &Place) -> TestResult {
    let Some((file, expected)) = december()? else {
        return Ok(());
    };
    let all = 2025;
    let mut seeded = Seeded::new();
    let first = 1 + seeded.below(all / 2);
    let second = first + 200 + seeded.below(all / 4);
    let ran = import_with_cuts(place, &file, &[first, second], all)?;
    assert_eq!(ran.report()?, expected);
    assert_eq!(report(&place.store)?, expected);
    let undisturbed = block_on(undisturbed(&read_file(&file)?))?;
    check_history(place, &undisturbed)
}

#[test]
fn december_killed_twice_on_sqlite() -> TestResult {
    on_sqlite(december_killed_twice)
}

#[test]
fn december_killed_twice_on_postgres() -> TestResult {
    on_postgres("december_killed_twice_on_postgres", december_killed_twice)
}

const ROUNDS: usize = 5;

/// A small log, killed in several places, each in a shop of its own.
fn killed_anywhere(places: impl Fn(&dyn Fn(&Place) -> TestResult) -> TestResult) -> TestResult {
    let log: Log = read(demo_log())?;
    let expected = block_on(undisturbed(&log))?;
    let all = log.invoices.len();
    let mut seeded = Seeded::new();
    for _ in 0..ROUNDS {
        // Towards the end a look at the store takes longer than what is left to do.
        let cut = 1 + seeded.below(all / 2);
        places(&|place| {
            let file = place.write("demo.csv", demo_log())?;
            let ran = import_with_cuts(place, &file, &[cut], all)?;
            assert_eq!(ran.report()?, oracle::report(&log));
            check_history(place, &expected)
        })?;
    }
    Ok(())
}

#[test]
fn killed_anywhere_on_sqlite() -> TestResult {
    killed_anywhere(|round| on_sqlite(round))
}

#[test]
fn killed_anywhere_on_postgres() -> TestResult {
    killed_anywhere(|round| on_postgres("killed_anywhere_on_postgres", round))
}
