//! A fulfilment that is killed in the middle, and the same command again.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};

use crate::binary::{Ran, TestResult, import};
use crate::fulfil_command::{FULL_LOG, fulfil, fulfilled, recount};
use crate::history::Beside;
use crate::import_killed::Seeded;
use crate::import_totals::skipped;
use crate::place::{Place, block_on, on_postgres, on_sqlite};
use crate::real_data::data;
use crate::sample::read_file;
use ordering::fulfilment::FulfilmentReport;

/// Fulfils; gives the process once so many sagas have ended, and whether it still ran then.
fn started(place: &Place, stock: u32, sagas: usize) -> TestResult<(Child, bool)> {
    let mut child = fulfil(stock, &place.store).spawn()?;
    let in_the_middle = block_on(async {
        let beside = Beside::open(place).await?;
        let reached = beside.reached("saga.Ended", sagas, &mut child).await?;
        beside.close().await?;
        Ok(reached)
    })?;
    Ok((child, in_the_middle))
}

/// Fulfils, and is killed once so many sagas have ended.
fn killed_after(place: &Place, stock: u32, sagas: usize) -> TestResult {
    let (mut killed, in_the_middle) = started(place, stock, sagas)?;
    killed.kill()?;
    let status = killed.wait()?;
    assert!(in_the_middle, "it was over before: {status}");
    assert_eq!(status.signal(), Some(Signal::KILL.as_raw()));
    Ok(())
}

/// How often each kind of event is there, and that none of them is there twice for an order.
fn check(place: &Place, report: &FulfilmentReport) -> TestResult {
    let history = block_on(async {
        let beside = Beside::open(place).await?;
        let history = beside.history().await?;
        beside.close().await?;
        Ok(history)
    })?;
    let mut all: BTreeMap<&str, u64> = BTreeMap::new();
    for events in history.values() {
        for (name, _) in events {
            *all.entry(name).or_default() += 1;
        }
    }
    let count = |name| all.get(name).copied().unwrap_or(0);
    let (placed, refused) = (report.placed, report.insufficient_stock);
    for (name, expected) in [
        ("StockOpened", 1),
        ("StockReserved", placed),
        ("StockRefused", refused),
        ("StockReleased", 0),
        ("OrderCompleted", placed),
        ("OrderCancelled", refused),
        ("PurchaseTakenBack", refused),
        ("saga.Started", placed + refused),
        ("saga.StepCompleted", 4 * placed),
        ("saga.StepFailed", refused),
        ("saga.Ended", placed + refused),
    ] {
        assert_eq!(count(name), expected, "{name}");
    }
    for (stream, events) in &history {
        let ends = |name: &str| ["OrderCompleted", "OrderCancelled", "saga.Ended"].contains(&name);
        let ended = events.iter().filter(|(name, _)| ends(name)).count();
        assert!(ended <= 1, "{stream} ended {ended} times: {events:?}");
    }
    Ok(())
}

fn killed_on(place: &Place, log: &Path, stock: u32, expected: &FulfilmentReport) -> TestResult {
    Ran::of(import(log, &place.store).output()?)?.succeeded()?;
    let all = usize::try_from(expected.placed + expected.insufficient_stock)?;
    // Towards the end a look at the store takes longer than what is left to do.
    let cut = 1 + Seeded::new().below(all / 2);
    killed_after(place, stock, cut)?;
    let left = block_on(async {
        let beside = Beside::open(place).await?;
        let ended = beside.count("saga.Ended").await?;
        beside.close().await?;
        Ok(all - ended)
    })?;
    eprintln!("killed after {cut} of {all}: {left} are left");
    assert!((1..=all - cut).contains(&left), "{left} are left");
    let (report, _) = fulfilled(stock, &place.store)?;
    assert_eq!(report, *expected);
    check(place, expected)
}

fn december_killed_on(place: &Place) -> TestResult {
    let Some(log) = data("online-retail-2010-12.csv.gz") else {
        return Ok(());
    };
    let expected = recount(&read_file(&log)?, 100);
    killed_on(place, &log, 100, &expected)
}

#[test]
fn december_killed_while_fulfilled_on_sqlite() -> TestResult {
    on_sqlite(december_killed_on)
}

#[test]
fn december_killed_while_fulfilled_on_postgres() -> TestResult {
    on_postgres("december_killed_while_fulfilled_on_postgres", |place| {
        december_killed_on(place)
    })
}

/// Told to end it lets go of what it is at, and says so; the same command goes on from there.
fn told_to_end_on(place: &Place) -> TestResult {
    let Some(log) = data("online-retail-2010-12.csv.gz") else {
        return Ok(());
    };
    Ran::of(import(&log, &place.store).output()?)?.succeeded()?;
    let (child, in_the_middle) = started(place, 100, 20)?;
    assert!(in_the_middle, "it was over before");
    kill_process(Pid::from_child(&child), Signal::TERM)?;
    let ran = Ran::ended(child)?;
    assert_eq!((ran.code, &*ran.stdout), (Some(143), ""), "{ran:?}");
    let kept = "ordering: interrupted; what was done is kept, and the same command goes on";
    assert!(ran.stderr.contains(kept), "{ran:?}");
    let expected = recount(&read_file(&log)?, 100);
    assert_eq!(fulfilled(100, &place.store)?.0, expected);
    check(place, &expected)
}

#[test]
fn december_told_to_end_while_fulfilled_on_sqlite() -> TestResult {
    on_sqlite(told_to_end_on)
}

#[test]
fn the_full_log_killed_while_fulfilled_on_sqlite() -> TestResult {
    let Some(log) = data("online-retail.csv.xz") else {
        return Ok(());
    };
    match skipped("the_full_log_killed_while_fulfilled_on_sqlite") {
        true => Ok(()),
        false => on_sqlite(|place| killed_on(place, &log, 1_000, &FULL_LOG)),
    }
}
