//! A process is killed again and again while it writes to a SQLite file: what it was told to be stored is there, what it
//! was about to write is there as a whole or not at all.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use orchestrix::error::BoxError;
use orchestrix::store::Backend as _;
use orchestrix::testkit::history::{Answer, Call, History};
use orchestrix_sqlite::SqliteStore;

use super::crash_verdict::judge;
use super::in_database::on_runtime;
use super::told_process::ToldProcess;
use super::work::{Seeded, amount, seed};

const WRITERS: u32 = 16;
/// At full size.
const FULL_KILLS: usize = 50;
/// A process has so many appends acknowledged, at the least, before it is killed: they have 400 events and more.
const APPENDS_PER_KILL: usize = 130;
/// Fewer kills may happen to leave unknown outcomes of one kind only.
const FEWEST_KILLS: usize = 8;

#[test]
fn kills_of_a_process_lose_tear_and_double_nothing_in_sqlite() -> Result<(), BoxError> {
    const TEST: &str = "kills_of_a_process_lose_tear_and_double_nothing_in_sqlite";
    match amount(TEST, FULL_KILLS) {
        Some(kills) => on_runtime(run(kills.max(FEWEST_KILLS))),
        None => Ok(()),
    }
}

async fn run(kills: usize) -> Result<(), BoxError> {
    let seed = seed();
    eprintln!("ORCHESTRIX_SEED={seed}");
    let mut random = Seeded::new(seed);
    let began = Instant::now();
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("store.db");
    let mut whole = History::default();
    for kill in 0..kills {
        let lines = folder.path().join(format!("history-{kill}.jsonl"));
        let mut process = ToldProcess::start(
            Command::new(env!("CARGO_BIN_EXE_crash_worker"))
                .arg("sqlite")
                .args([&database, &lines])
                .arg(seed.wrapping_add(kill as u64).to_string())
                .arg(WRITERS.to_string()),
        )?;
        process.comes_on(APPENDS_PER_KILL).await?;
        // Not a wait for something: the kill comes at a random moment.
        tokio::time::sleep(Duration::from_millis(random.below(30))).await;
        process.kill()?;
        whole.followed_by(History::from_lines(&fs::read_to_string(&lines)?)?);
    }
    let acknowledged = acknowledged_events(&whole);
    eprintln!(
        "{kills} kills, {acknowledged} events acknowledged, {:?}",
        began.elapsed()
    );
    let store = SqliteStore::open(&database).await?;
    judge(&whole, &store).await?;
    store.close().await
}

fn acknowledged_events(history: &History) -> usize {
    let acknowledged = history.operations.iter().filter_map(|operation| {
        match (&operation.call, &operation.answer) {
            (Call::Append { writes }, Some((_, Answer::Appended { .. }))) => Some(writes),
            _ => None,
        }
    });
    acknowledged
        .flatten()
        .map(|write| write.event_ids.len())
        .sum()
}
