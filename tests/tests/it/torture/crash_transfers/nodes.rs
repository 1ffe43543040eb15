//! Three processes share the lanes of the saga, and two of them are killed amid the transfers: the one that is left
//! brings all to their ends.

use std::path::Path;
use std::time::{Duration, Instant};

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use tests::crash_bank::BankPlace;
use tests::crash_transfers::{TransferNode, TransferPlan, prepare, request_all, start_requests};
use url::Url;

use super::evidence::{Evidence, Progress};
use super::process::{self, noted_in, repeated};
use super::verdict::{accusation, judge};
use crate::torture::in_database::in_database;
use crate::torture::work::{PATIENCE, amount, seed, within};

/// At full size.
const FULL_SAGAS: usize = 5_000;
const LANES: u16 = 8;
const NODES: usize = 3;
/// A wake-up may be lost, as when the server closes the connection that listens.
const UNHEARD: Duration = Duration::from_millis(500);

#[test]
fn nodes_that_are_killed_leave_their_sagas_to_the_others() -> Result<(), BoxError> {
    const TEST: &str = "nodes_that_are_killed_leave_their_sagas_to_the_others";
    match amount(TEST, FULL_SAGAS) {
        Some(sagas) => in_database(TEST, |url| run(url, sagas)),
        None => Ok(()),
    }
}

async fn run(url: Url, sagas: usize) -> Result<(), BoxError> {
    let began = Instant::now();
    let seed = seed();
    eprintln!("ORCHESTRIX_SEED={seed}");
    let plan = TransferPlan { seed };
    let folder = tempfile::tempdir()?;
    let place = BankPlace::Postgres(url.into());
    let requests = start_requests(&place).await?;
    prepare(&requests).await?;
    let (mut nodes, mut files) = (Vec::new(), Vec::new());
    for number in 1..=NODES {
        let node = node(&place, plan, folder.path(), number);
        files.push(node.noted.clone());
        nodes.push((process::start(&node, 0)?, node.noted));
    }
    let mut shared = Shared {
        app: requests.clone(),
        progress: Progress::default(),
    };
    let requesting = request_all(&requests, plan, sagas);
    let killing = async {
        for (process, _) in &mut nodes {
            process.comes_on(1).await?;
        }
        for part in 1..NODES {
            let ended = shared.come(sagas * part / NODES).await?;
            let (mut process, noted) = nodes.remove(0);
            process.kill()?;
            eprintln!(
                "killed after {ended} ends, with {} effects",
                noted_in(&noted)
            );
            if ended >= sagas {
                return Err(BoxError::from(
                    "the run was too weak to count: all had ended",
                ));
            }
        }
        Ok(())
    };
    let (requested, killed) = tokio::join!(requesting, killing);
    requested?;
    killed?;
    let left = noted_in(&nodes[0].1);
    shared.come(sagas).await?;
    let took = noted_in(&nodes[0].1) - left;
    nodes[0].0.kill()?;
    requests.shutdown().await?;

    let observer = node(&place, plan, folder.path(), NODES + 1);
    let app = observer.start().await?;
    app.caught_up(app.store().head().await?, PATIENCE).await?;
    let evidence = Evidence::of(&app, plan, sagas).await?;
    app.shutdown().await?;
    let counts = judge(&evidence).map_err(|violations| accusation(&violations))?;
    assert_eq!(noted_in(&observer.noted), 0, "all had ended before");
    let repeated = repeated(&files)?;
    eprintln!(
        "{sagas} sagas, {counts}; the last node had {left} effects, and then {took}; {repeated} commands were repeated; {:?}",
        began.elapsed()
    );
    match took > 0 && repeated > 0 && counts.completed > 0 && counts.reversed > 0 {
        true => Ok(()),
        false => Err("the run was too weak to count: see its figures".into()),
    }
}

fn node(place: &BankPlace, plan: TransferPlan, folder: &Path, number: usize) -> TransferNode {
    TransferNode {
        place: place.clone(),
        plan,
        noted: folder.join(format!("noted-{number}")),
        tells: false,
        lanes: LANES,
    }
}

/// How far the nodes are.
struct Shared {
    app: App,
    progress: Progress,
}

impl Shared {
    /// Waits until so many sagas have ended; says how many that are.
    async fn come(&mut self, ended: usize) -> Result<usize, BoxError> {
        let what = format!("{ended} sagas have ended");
        let mut changes = self.app.store().changes();
        let coming = async {
            loop {
                self.progress.look(self.app.store()).await?;
                if self.progress.ended >= ended {
                    return Ok::<_, BoxError>(self.progress.ended);
                }
                // The appends of other processes: it hears of them, or looks by itself as a subscription does.
                changes.changed(UNHEARD).await;
            }
        };
        within(PATIENCE * 5, &what, coming).await?
    }
}
