//! The real log through the real binary, on every store.

use std::path::PathBuf;

use ordering::log::Log;
use ordering::report::Report;
use test_servers::QUICK_VARIABLE;

use crate::binary::{Ran, TestResult, import, report};
use crate::oracle;
use crate::place::{Place, on_postgres, on_sqlite};
use crate::real_data::data;
use crate::sample::read_file;

/// December 2010 and the report that is to come of it; `None`, said aloud, where there is no data folder.
pub(crate) fn december() -> TestResult<Option<(PathBuf, Report)>> {
    let (Some(file), Some(expected)) = (
        data("online-retail-2010-12.csv.gz"),
        data("expected-2010-12.json"),
    ) else {
        return Ok(None);
    };
    let expected = serde_json::from_str(&std::fs::read_to_string(expected)?)?;
    Ok(Some((file, expected)))
}

fn december_on(place: &Place) -> TestResult {
    let Some((file, expected)) = december()? else {
        return Ok(());
    };
    let imported = Ran::of(import(&file, &place.store).output()?)?;
    assert_eq!(imported.stderr, "2025 invoices imported\n");
    assert_eq!(imported.report()?, expected);
    if place.store != "memory" {
        assert_eq!(report(&place.store)?, expected, "after a restart");
    }
    Ok(())
}

#[test]
fn december_in_memory() -> TestResult {
    december_on(&Place::memory()?)
}

#[test]
fn december_on_sqlite() -> TestResult {
    on_sqlite(december_on)
}

#[test]
fn december_on_postgres() -> TestResult {
    on_postgres("december_on_postgres", december_on)
}

/// Half a million rows take a minute or more where nothing is optimised.
fn full_log_on(place: &Place) -> TestResult {
    let Some(file) = data("online-retail.csv.xz") else {
        return Ok(());
    };
    let log: Log = read_file(&file)?;
    let imported = Ran::of(import(&file, &place.store).output()?)?;
    assert_eq!(imported.stderr, "25900 invoices imported\n");
    assert_eq!(imported.report()?, oracle::report(&log));
    Ok(())
}

pub(crate) fn skipped(test: &str) -> bool {
    let quick = std::env::var(QUICK_VARIABLE).is_ok_and(|value| value == "1");
    if quick {
        eprintln!("SKIP {test}: {QUICK_VARIABLE}=1 asks for a quick run");
    }
    quick
}

#[test]
fn the_full_log_in_memory() -> TestResult {
    match skipped("the_full_log_in_memory") {
        true => Ok(()),
        false => full_log_on(&Place::memory()?),
    }
}

#[test]
fn the_full_log_on_sqlite() -> TestResult {
    match skipped("the_full_log_on_sqlite") {
        true => Ok(()),
        false => on_sqlite(full_log_on),
    }
}

#[test]
fn the_full_log_on_postgres() -> TestResult {
    match skipped("the_full_log_on_postgres") {
        true => Ok(()),
        false => on_postgres("the_full_log_on_postgres", full_log_on),
    }
}
