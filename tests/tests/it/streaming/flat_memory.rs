//! A million events go through a process that never has more than a few of them.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use orchestrix::error::BoxError;
use orchestrix::store::{
    Append, Backend as _, EventData, EventStore as _, ExpectedVersion, Payload, StreamId,
};
use orchestrix_sqlite::SqliteStore;

use crate::torture::in_database::on_runtime;
use crate::torture::work::amount;

/// At full size.
const FULL_EVENTS: usize = 1_000_000;
/// Events of one append, and appends of one call.
const BATCH: usize = 500;
const CALL: usize = 4;
/// With this, nine tenths of the smallest run's payloads alone are more than the memory may grow by.
const PAYLOAD_BYTES: usize = 600;
const GROWTH_KIB: u64 = 32 << 10;
/// So many are kept to prove that it would be seen.
const KEPT: usize = FULL_EVENTS / 10;

#[test]
fn a_million_events_stream_through_flat_memory() -> Result<(), BoxError> {
    const TEST: &str = "a_million_events_stream_through_flat_memory";
    let Some(events) = amount(TEST, FULL_EVENTS) else {
        return Ok(());
    };
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if !status.contains("VmRSS:") {
        // `eprintln!` would be captured by the test harness. A closed stderr is no reason to fail the test.
        let line = format!("SKIP {TEST}: this system does not tell VmRSS\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("store.db");
    on_runtime(fill(&database, events))?;
    for what in ["log", "stream"] {
        let growth = growth(&database, what, "drop", events)?;
        assert!(
            growth < GROWTH_KIB,
            "{what}: {growth} KiB more than at a tenth"
        );
    }
    if events == KEPT {
        let growth = growth(&database, "log", "keep", events)?;
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
    let event = || EventData::new("Happened", 1, payload.clone());
    let mut left = events;
    while left > 0 {
        let mut appends = Vec::new();
        while left > 0 && appends.len() < CALL {
            let batch = (0..left.min(BATCH)).map(|_| event()).collect::<Vec<_>>();
            left -= batch.len();
            appends.push(Append::new(stream.clone(), ExpectedVersion::Any, batch));
        }
        for outcome in store.append(appends).await {
            outcome?;
        }
    }
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
