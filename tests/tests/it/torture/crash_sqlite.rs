//! A process is killed again and again while it writes to a SQLite file: what it was told to be stored is there, what it
//! was about to write is there as a whole or not at all.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use orchestrix::error::BoxError;
use orchestrix::store::Backend as _;
use orchestrix::testkit::history::{Answer, Call, History};
use orchestrix_sqlite::SqliteStore;

use super::crash_verdict::judge;
use super::in_database::on_runtime;
use super::work::{PATIENCE, Seeded, amount, seed};

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
        Some(kills) => run(kills.max(FEWEST_KILLS)),
        None => Ok(()),
    }
}

fn run(kills: usize) -> Result<(), BoxError> {
    let seed = seed();
    eprintln!("ORCHESTRIX_SEED={seed}");
    let mut random = Seeded::new(seed);
    let began = Instant::now();
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("store.db");
    let mut whole = History::default();
    for kill in 0..kills {
        let lines = folder.path().join(format!("history-{kill}.jsonl"));
        let mut process = Process(
            Command::new(env!("CARGO_BIN_EXE_crash_worker"))
                .arg("sqlite")
                .args([&database, &lines])
                .arg(seed.wrapping_add(kill as u64).to_string())
                .arg(WRITERS.to_string())
                .stdin(Stdio::piped())
                .spawn()?,
        );
        process.write_until_acknowledged(&lines, APPENDS_PER_KILL)?;
        std::thread::sleep(Duration::from_millis(random.below(30)));
        process.kill()?;
        whole.followed_by(History::from_lines(&fs::read_to_string(&lines)?)?);
    }
    let acknowledged = acknowledged_events(&whole);
    eprintln!(
        "{kills} kills, {acknowledged} events acknowledged, {:?}",
        began.elapsed()
    );
    on_runtime(async {
        let store = SqliteStore::open(&database).await?;
        judge(&whole, &store).await?;
        store.close().await
    })
}

/// A process that ends with the test, however that ends.
struct Process(Child);

impl Process {
    fn write_until_acknowledged(&mut self, lines: &Path, appends: usize) -> Result<(), BoxError> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = fs::read(lines).unwrap_or_default();
            let answers = text.split(|byte| *byte == b'\n');
            if answers.filter(|line| is_acknowledgement(line)).count() >= appends {
                return Ok(());
            }
            if let Some(status) = self.0.try_wait()? {
                return Err(format!("the writing process ended by itself: {status}").into());
            }
            if Instant::now() > deadline {
                return Err("the writing process does not come on".into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn kill(&mut self) -> Result<(), BoxError> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.kill();
    }
}

fn is_acknowledgement(line: &[u8]) -> bool {
    let mark = b"\"answer\":{\"appended\"";
    line.windows(mark.len()).any(|window| window == mark)
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
