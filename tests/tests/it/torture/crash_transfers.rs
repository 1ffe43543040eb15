//! Transfers of the example's bank, with commands that fail for a while and for good, while the process is killed again
//! and again: each ends in exactly one way, has the effects of that once, and no money is made or lost.

mod evidence;
mod nodes;
mod process;
mod verdict;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use orchestrix::error::BoxError;
use tests::crash_bank::BankPlace;
use tests::crash_transfers::{TransferNode, TransferPlan, prepare, request_all, start_requests};

use super::in_database::{in_database, on_runtime};
use super::work::{PATIENCE, Seeded, amount, seed};
use evidence::{Evidence, Progress};
use process::repeated;
use verdict::{Counts, judge};

/// At full size.
const FULL_TRANSFERS: usize = 1_000;
/// At full size.
const FULL_KILLS: usize = 20;
/// At any size.
const LEAST_KILLS: usize = 3;
/// One of so many kills comes at any moment from the start of the process on, also while it catches up.
const ANY_MOMENT: u64 = 4;
/// That is within so many milliseconds.
const STARTING_MS: u64 = 200;

#[test]
fn kills_amid_transfers_leave_each_with_one_outcome_in_sqlite() -> Result<(), BoxError> {
    const TEST: &str = "kills_amid_transfers_leave_each_with_one_outcome_in_sqlite";
    let Some((transfers, kills)) = sizes(TEST) else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let place = BankPlace::Sqlite(folder.path().join("bank.db"));
    on_runtime(run(place, transfers, kills))
}

#[test]
fn kills_amid_transfers_leave_each_with_one_outcome_in_postgres() -> Result<(), BoxError> {
    const TEST: &str = "kills_amid_transfers_leave_each_with_one_outcome_in_postgres";
    let Some((transfers, kills)) = sizes(TEST) else {
        return Ok(());
    };
    in_database(TEST, |url| {
        run(BankPlace::Postgres(url.into()), transfers, kills)
    })
}

fn sizes(test: &str) -> Option<(usize, usize)> {
    let kills = amount(test, FULL_KILLS)?.max(LEAST_KILLS);
    Some((amount(test, FULL_TRANSFERS)?, kills))
}

async fn run(place: BankPlace, transfers: usize, kills: usize) -> Result<(), BoxError> {
    let began = Instant::now();
    let folder = tempfile::tempdir()?;
    let requests = start_requests(&place).await?;
    prepare(&requests).await?;
    requests.shutdown().await?;
    let mut torture = Torture::on(place, folder.path());
    let mut cut_off = 0;
    for kill in 1..=kills {
        torture
            .kill_one(transfers * kill / kills, transfers / kills)
            .await?;
        cut_off += torture.under_way().await?;
    }
    let counts = torture.finish(transfers).await?;
    let repeated = repeated(&torture.noted)?;
    eprintln!(
        "{transfers} transfers, {kills} kills that cut {cut_off} off, {repeated} commands that were repeated, {counts}, {:?}",
        began.elapsed()
    );
    match cut_off > 0 && repeated > 0 && counts.completed > 0 && counts.reversed > 0 {
        true => Ok(()),
        false => Err("the run was too weak to count: see its figures".into()),
    }
}

/// One database, and the processes on it.
struct Torture {
    node: TransferNode,
    random: Seeded,
    /// For what processes write down.
    folder: PathBuf,
    /// What they wrote down.
    noted: Vec<PathBuf>,
}

impl Torture {
    fn on(place: BankPlace, folder: &Path) -> Self {
        let seed = seed();
        eprintln!("ORCHESTRIX_SEED={seed}");
        let node = TransferNode {
            place,
            plan: TransferPlan { seed },
            noted: PathBuf::new(),
            tells: false,
            lanes: 1,
        };
        Self {
            node,
            random: Seeded::new(seed),
            folder: folder.to_owned(),
            noted: Vec::new(),
        }
    }

    /// Starts a process that asks for the first so many transfers, of which so many are new, and kills it amid them.
    async fn kill_one(&mut self, requests: usize, fresh: usize) -> Result<(), BoxError> {
        self.next_run();
        let mut process = process::start(&self.node, requests)?;
        let jitter = match self.random.below(ANY_MOMENT) {
            0 => self.random.below(STARTING_MS),
            _ => {
                // A transfer has up to four effects, and none where it is refused at once.
                let effects = 1 + self.random.below(fresh as u64 * 3 / 2);
                process.comes_on(effects as usize).await?;
                self.random.below(30)
            }
        };
        // Not a wait for something: the kill comes at a random moment.
        tokio::time::sleep(Duration::from_millis(jitter)).await;
        process.kill()?;
        // It may have come to nothing.
        File::options()
            .create(true)
            .append(true)
            .open(&self.node.noted)?;
        Ok(())
    }

    /// How many transfers have begun and not ended.
    async fn under_way(&self) -> Result<usize, BoxError> {
        let store = self.node.place.open().await?;
        let mut progress = Progress::default();
        progress.look(&*store.ports().events).await?;
        store.close().await?;
        Ok(progress.started - progress.ended)
    }

    /// Lets all transfers come to their ends, in this process, and looks at what became of them.
    async fn finish(&mut self, transfers: usize) -> Result<Counts, BoxError> {
        self.next_run();
        let app = self.node.start().await?;
        request_all(&app, self.node.plan, transfers).await?;
        let head = app.store().head().await?;
        app.caught_up(head, PATIENCE * 5).await?;
        let evidence = Evidence::of(&app, self.node.plan, transfers).await?;
        app.shutdown().await?;
        judge(&evidence).map_err(|violations| verdict::accusation(&violations).into())
    }

    fn next_run(&mut self) {
        let noted = self.folder.join(format!("noted-{}", self.noted.len()));
        self.node.noted = noted.clone();
        self.noted.push(noted);
    }
}
