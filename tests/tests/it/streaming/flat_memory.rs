//! A million events go through a process that never has more than a few of them.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use orchestrix::error::BoxError;
use orchestrix::store::{Backend as _, Payload, StreamId};
use orchestrix_sqlite::SqliteStore;

use super::filling;
use crate::torture::in_database::on_runtime;
use crate::torture::work::amount;

/// At full size.
const FULL_EVENTS: usize = 1_000_000;
/// With this, nine tenths of the smallest run's payloads alone are more than the memory may grow by.
const PAYLOAD_BYTES: usize = 600;
const GROWTH_KIB: u64 = 32 << 10;
/// So many are kept to prove that it would be seen.
const KEPT: usize = FULL_EVENTS / 10;

#[test]
fn a_million_events_stream_through_flat_memory() -> Result<(), BoxError> {
    check(
        "a_million_events_stream_through_flat_memory",
        &["log", "stream"],
    )
}

#[test]
fn a_projection_catches_up_on_a_million_events_in_flat_memory() -> Result<(), BoxError> {
    check(
        "a_projection_catches_up_on_a_million_events_in_flat_memory",
        &["projection"],
    )
}

fn check(test: &str, ways: &[&str]) -> Result<(), BoxError> {
    let Some(events) = amount(test, FULL_EVENTS) else {
        return Ok(());
    };
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if !status.contains("VmRSS:") {
        // `eprintln!` would be captured by the test harness. A closed stderr is no reason to fail the test.
        let line = format!("SKIP {test}: this system does not tell VmRSS\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("store.db");
    on_runtime(fill(&database, events))?;
    for what in ways {
        let growth = growth(&database, what, "drop", events)?;
        assert!(
            growth < GROWTH_KIB,
            "{what}: {growth} KiB more than at a tenth"
        );
    }
    if events == KEPT {
        let folder = tempfile::tempdir()?;
        let database = folder.path().join("store.db");
        on_runtime(fill(&database, events))?;
        let growth = growth(&database, ways[0], "keep", events)?;
        assert!(
            growth > GROWTH_KIB,
            "{growth} KiB for all events: nothing is measured"
        );
    }
    Ok(())
}

/// One long stream, so that it is as long as the log.
async fn fill(database: &Path, events: usize) -> Result<(), BoxError> {
    let store = SqliteStore::open(database).await?;
    let stream = StreamId::new("long", "1")?;
    let payload = Payload::of(&"x".repeat(PAYLOAD_BYTES))?;
    filling::fill(&store, &stream, "Happened", &payload, events).await?;
    store.close().await
}

/// By how much a process grows, in KiB, between a tenth of the events and their end.
fn growth(database: &Path, what: &str, keeping: &str, events: usize) -> Result<u64, BoxError> {
    let output = Command::new(env!("CARGO_BIN_EXE_stream_reader"))
        .arg(database)
        .args([what, keeping, &events.to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("the reading process ended with {}", output.status).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let numbers = text
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<Vec<u64>, _>>()?;
    let [count, tenth, most] = numbers[..] else {
        return Err(format!("the reading process says {text:?}").into());
    };
    eprintln!("{what}, {keeping}: {count} events, {tenth} KiB at a tenth, at most {most} KiB");
    assert_eq!(count, events as u64);
    Ok(most.saturating_sub(tenth))
}
