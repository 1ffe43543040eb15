//! A process that writes, keeps read models and handles events is killed again and again: nothing acknowledged is lost,
//! each read model counts each event once, and the handler is given each event, in the order of its stream.

pub(super) mod evidence;
mod ledger;
mod process;
mod rebuilding;
mod recount;
pub(super) mod verdict;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use orchestrix::error::BoxError;
use sqlx::{Connection as _, PgConnection};
use tests::crash_bank::{Acknowledged, Bank, BankPlace, Handled};

use super::in_database::{in_database, on_runtime};
use super::work::{PATIENCE, Seeded, amount, seed, seen};
use evidence::{Evidence, noted};
use verdict::{Counts, Extent, Violation, judge};

/// At full size.
const FULL_KILLS: usize = 50;
/// One of so many kills comes at any moment from the start of the process on, also while it catches up.
const ANY_MOMENT: u64 = 4;
/// That is within so many milliseconds.
const STARTING_MS: u64 = 120;
/// The others come once a process has had up to so many events acknowledged.
const EVENTS_PER_KILL: u64 = 200;
/// After one of so many kills the app is started without writers, to be waited for.
const CATCH_UP: u64 = 4;
/// So many more kills are made while they happen to leave nothing to be delivered again.
const MORE_KILLS: usize = 20;

#[test]
fn kills_of_a_process_that_consumes_lose_and_double_nothing_in_sqlite() -> Result<(), BoxError> {
    const TEST: &str = "kills_of_a_process_that_consumes_lose_and_double_nothing_in_sqlite";
    let Some(kills) = amount(TEST, FULL_KILLS) else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let place = BankPlace::Sqlite(folder.path().join("bank.db"));
    on_runtime(run(place, kills))
}

#[test]
fn kills_of_a_process_that_consumes_lose_and_double_nothing_in_postgres() -> Result<(), BoxError> {
    const TEST: &str = "kills_of_a_process_that_consumes_lose_and_double_nothing_in_postgres";
    let Some(kills) = amount(TEST, FULL_KILLS) else {
        return Ok(());
    };
    in_database(TEST, |url| run(BankPlace::Postgres(url.into()), kills))
}

async fn run(place: BankPlace, kills: usize) -> Result<(), BoxError> {
    let began = Instant::now();
    let folder = tempfile::tempdir()?;
    let mut torture = Torture::on(place, folder.path());
    let mut counts = Counts::default();
    let mut kill = 0;
    while kill < kills || (counts.redelivered == 0 && kill < kills + MORE_KILLS) {
        kill += 1;
        torture.kill_one().await?;
        counts = torture.judge(kill, Extent::AsFarAsTheySay).await?;
        if torture.random.below(CATCH_UP) == 0 {
            torture.catch_up().await?;
            counts = torture.judge(kill, Extent::ToTheEnd).await?;
        }
    }
    torture.catch_up().await?;
    counts = torture.judge(kill, Extent::ToTheEnd).await?;
    eprintln!(
        "{kill} kills, {} events acknowledged, {} in the log, {} handled, {} redelivered, {:?}",
        counts.acknowledged,
        counts.logged,
        counts.handled,
        counts.redelivered,
        began.elapsed()
    );
    match counts.redelivered > 0 {
        true => Ok(()),
        false => Err("the run was too weak to count: nothing was delivered again".into()),
    }
}

/// One database, and what its processes wrote down.
struct Torture {
    place: BankPlace,
    /// For what processes write down.
    folder: PathBuf,
    seed: u64,
    random: Seeded,
    acknowledged: Vec<Acknowledged>,
    /// What the handler was given, by process.
    runs: Vec<Vec<Handled>>,
    /// Whether the processes build their read models anew while they work.
    rebuilding: bool,
}

impl Torture {
    fn on(place: BankPlace, folder: &Path) -> Self {
        let seed = seed();
        eprintln!("ORCHESTRIX_SEED={seed}");
        Self {
            place,
            folder: folder.to_owned(),
            seed,
            random: Seeded::new(seed),
            acknowledged: Vec::new(),
            runs: Vec::new(),
            rebuilding: false,
        }
    }

    /// Starts a process, kills it, and takes what it wrote down.
    async fn kill_one(&mut self) -> Result<(), BoxError> {
        let run = self.runs.len() as u64;
        let acknowledged = self.folder.join(format!("acknowledged-{run}"));
        let handled = self.handled(run);
        let seed = self.seed.wrapping_add(run);
        let mut process =
            process::start(&self.place, &acknowledged, &handled, seed, self.rebuilding)?;
        let jitter = match self.random.below(ANY_MOMENT) {
            0 => self.random.below(STARTING_MS),
            _ => {
                let events = 1 + self.random.below(EVENTS_PER_KILL);
                process.comes_on(events as usize).await?;
                self.random.below(30)
            }
        };
        // Not a wait for something: the kill comes at a random moment.
        tokio::time::sleep(Duration::from_millis(jitter)).await;
        process.kill()?;
        if let BankPlace::Postgres(url) = &self.place {
            alone_on(url).await?;
        }
        self.acknowledged.extend(noted(&acknowledged)?);
        self.runs.push(noted(&handled)?);
        Ok(())
    }

    /// Starts the app here, without writers, and lets it consume what there is.
    async fn catch_up(&mut self) -> Result<(), BoxError> {
        let handled = self.handled(self.runs.len() as u64);
        let app = self.place.start(Bank::noting_in(&handled)?).await?;
        let head = app.store().head().await?;
        app.caught_up(head, PATIENCE).await?;
        app.shutdown().await?;
        self.runs.push(noted(&handled)?);
        Ok(())
    }

    async fn judge(&self, kill: usize, extent: Extent) -> Result<Counts, BoxError> {
        let mut evidence = Evidence::of(&self.place, &self.acknowledged, &self.runs).await?;
        evidence.views.push(ledger::ledger(&self.place).await?);
        let verdict = judge(&evidence, extent);
        verdict.map_err(|violations| accusation(kill, &violations).into())
    }

    fn handled(&self, run: u64) -> PathBuf {
        self.folder.join(format!("handled-{run}"))
    }
}

/// Waits until a server has noticed that its client was killed: statements under way then come to an end first. Were one
/// of them the handler's checkpoint, the next process would be given events again while it runs.
async fn alone_on(url: &str) -> Result<(), BoxError> {
    const OTHERS: &str = "select count(*) from pg_stat_activity where datname = current_database() \
                          and backend_type = 'client backend' and pid <> pg_backend_pid()";
    let mut connection = PgConnection::connect(url).await?;
    seen("the killed process is gone", async || {
        let others = sqlx::query_scalar::<_, i64>(OTHERS);
        Ok(others.fetch_one(&mut connection).await? == 0)
    })
    .await?;
    Ok(connection.close().await?)
}

pub(super) fn accusation(kill: usize, violations: &[Violation]) -> String {
    let first: Vec<_> = violations
        .iter()
        .take(20)
        .map(|violation| format!("- {violation}"))
        .collect();
    format!(
        "{} violations after kill {kill}:\n{}",
        violations.len(),
        first.join("\n")
    )
}
