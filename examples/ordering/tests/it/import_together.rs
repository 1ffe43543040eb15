//! Two processes that import into one shop at the same time.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Child;

use csv::{ByteRecord, ReaderBuilder, Writer};
use flate2::bufread::GzDecoder;
use ordering::demo_log::demo_log;

use crate::binary::{Ran, TestResult, import, report};
use crate::history::{Beside, History, assert_same, undisturbed};
use crate::import_killed::wait_for;
use crate::import_totals::december;
use crate::oracle;
use crate::place::{Place, block_on, on_postgres, on_sqlite};
use crate::sample::{read, read_file};

/// Starts one import for each file, then waits for all.
fn import_at_once(place: &Place, files: [&Path; 2]) -> TestResult<[Ran; 2]> {
    let start = |file| -> TestResult<Child> { Ok(import(file, &place.store).spawn()?) };
    let [first, second] = [start(files[0])?, start(files[1])?];
    Ok([
        Ran::ended(first)?.succeeded()?,
        Ran::ended(second)?.succeeded()?,
    ])
}

fn check_history(place: &Place, expected: &History) -> TestResult {
    block_on(async {
        let beside = Beside::open(place).await?;
        assert_same(&beside.history().await?, expected);
        beside.close().await
    })
}

/// The log in two files, of which none has a customer or an invoice of the other.
fn split(log: &Path, place: &Place) -> TestResult<[PathBuf; 2]> {
    let text = GzDecoder::new(BufReader::new(File::open(log)?));
    let mut text = ReaderBuilder::new().has_headers(false).from_reader(text);
    let rows: Vec<ByteRecord> = text.byte_records().collect::<Result<_, _>>()?;
    let mut customers: HashMap<&[u8], &[u8]> = HashMap::new();
    for row in &rows[1..] {
        if !row[6].is_empty() {
            customers.insert(&row[0], &row[6]);
        }
    }
    let files = ["even.csv", "odd.csv"].map(|name| place.path(name));
    let mut halves = [Writer::from_path(&files[0])?, Writer::from_path(&files[1])?];
    for half in &mut halves {
        half.write_byte_record(&rows[0])?;
    }
    for row in &rows[1..] {
        let owner = customers.get(&row[0]).copied().unwrap_or(&row[0]);
        let sum: usize = owner.iter().copied().map(usize::from).sum();
        halves[sum % 2].write_byte_record(row)?;
    }
    for half in &mut halves {
        half.flush()?;
    }
    Ok(files)
}

fn two_halves_of_december(place: &Place) -> TestResult {
    let Some((log, expected)) = december()? else {
        return Ok(());
    };
    let [even, odd] = split(&log, place)?;
    let (parts, whole) = ([read_file(&even)?, read_file(&odd)?], read_file(&log)?);
    assert!(parts.iter().all(|part| part.rows > whole.rows / 4));
    import_at_once(place, [&even, &odd])?;
    assert_eq!(report(&place.store)?, expected);
    check_history(place, &block_on(undisturbed(&whole))?)
}

#[test]
fn two_halves_of_december_on_postgres() -> TestResult {
    on_postgres("two_halves_of_december_on_postgres", two_halves_of_december)
}

#[test]
fn two_halves_of_december_on_sqlite() -> TestResult {
    on_sqlite(two_halves_of_december)
}

/// Each invoice is counted as imported by exactly one of the two.
fn the_same_log(place: &Place) -> TestResult {
    let log = read(demo_log())?;
    let file = place.write("demo.csv", demo_log())?;
    let ran = import_at_once(place, [&file, &file])?;
    let imported: u64 = ran.iter().map(|ran| imported(&ran.stderr)).sum();
    assert_eq!(imported, log.invoices.len() as u64, "{ran:?}");
    let expected = oracle::report(&log);
    assert_eq!(report(&place.store)?, expected);
    for ran in ran {
        // Whoever is done first has seen every invoice as done.
        assert_eq!(ran.report()?, expected);
    }
    check_history(place, &block_on(undisturbed(&log))?)
}

/// The number in `N invoices imported…`.
fn imported(told: &str) -> u64 {
    let number = told
        .split_once(" invoices imported")
        .map(|(number, _)| number);
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[test]
fn the_same_log_on_postgres() -> TestResult {
    on_postgres("the_same_log_on_postgres", the_same_log)
}

#[test]
fn the_same_log_on_sqlite() -> TestResult {
    on_sqlite(the_same_log)
}

/// A report covers what was there when it was asked for; it does not wait for an import to end.
#[test]
fn a_report_in_the_middle_of_an_import() -> TestResult {
    on_postgres("a_report_in_the_middle_of_an_import", |place| {
        let Some((log, expected)) = december()? else {
            return Ok(());
        };
        let mut slow = import(&log, &place.store);
        let mut slow = slow.args(["--concurrency", "1"]).spawn()?;
        assert!(block_on(wait_for(place, 50, &mut slow))?);
        let seen = report(&place.store)?;
        assert!(slow.try_wait()?.is_none(), "the import goes on");
        assert!((1..expected.rows).contains(&seen.rows), "{}", seen.rows);
        slow.kill()?;
        slow.wait()?;
        Ok(())
    })
}
