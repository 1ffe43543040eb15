//! Three processes share a handler of eight lanes and the read models of one database, while others write. They are
//! killed, stopped past the time of their leases, and replaced: what they held is taken over in time, nothing is counted
//! twice, and the handler is given each event, in the order of its stream.

mod effects;
mod faults;
mod fencing;
mod leases;
mod process;
mod watch;

use std::fs::{self, File};
use std::time::{Duration, Instant};

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use tests::Notes;
use tests::crash_bank::{
    BankPlace, HANDLER, HANDLER_PAGE, NodeNotes, effects, moves, start_counter, write_with_pauses,
};
use tokio::task::JoinHandle;

use super::crash_consumers::accusation;
use super::crash_consumers::evidence::{Evidence, noted};
use super::crash_consumers::verdict::judge_nodes;
use super::in_database::in_database;
use super::work::{amount, seed};
use effects::judge_events;
use faults::Torture;
use fencing::judge_moves;
use watch::{Watch, Watched};

/// At full size; in each round a node is killed, one is stopped, and one comes.
const FULL_ROUNDS: usize = 20;
const LEASE: Duration = Duration::from_secs(1);
/// Between two commands of each writer, so that the handler keeps up.
const WRITERS_PAUSE: Duration = Duration::from_millis(15);

#[test]
fn nodes_that_are_killed_stopped_and_replaced_lose_and_double_nothing() -> Result<(), BoxError> {
    const TEST: &str = "nodes_that_are_killed_stopped_and_replaced_lose_and_double_nothing";
    match amount(TEST, FULL_ROUNDS) {
        Some(rounds) => in_database(TEST, |url| run(url.into(), rounds)),
        None => Ok(()),
    }
}

async fn run(url: String, rounds: usize) -> Result<(), BoxError> {
    let seed = seed();
    eprintln!("ORCHESTRIX_SEED={seed}");
    let began = Instant::now();
    let folder = tempfile::tempdir()?;
    let acknowledged = folder.path().join("acknowledged");
    // It makes the tables.
    let counter = start_counter(&url).await?;
    let writing = writing(counter.clone(), Notes::silent(&acknowledged)?, seed);
    let notes = NodeNotes {
        effects: folder.path().join("effects"),
        moves: folder.path().join("moves"),
        tells: false,
    };
    File::create_new(&notes.moves)?;
    let watch = Watch::start(&url, notes.moves.clone()).await?;
    let mut torture = Torture::new(url.clone(), notes.clone(), seed, &watch)?;
    let outcome = async {
        torture.make_rounds(rounds).await?;
        stop(writing).await?;
        counter.shutdown().await?;
        torture.finish().await
    };
    let outcome = outcome.await;
    let (kills, lost_lanes, late) = (torture.kills, torture.lost_lanes, torture.late);
    drop(torture);
    // What was wrong with the leases explains the rest.
    let Watched { ledger, taken } = watch.end().await?;
    let late_moves = judge_moves(&moves(&fs::read_to_string(&notes.moves)?)?, &taken)?;
    outcome?;

    let effects = effects(&fs::read_to_string(&notes.effects)?)?;
    let run = effects
        .iter()
        .map(|effect| effect.handled.clone())
        .collect();
    let place = BankPlace::Postgres(url);
    let mut evidence = Evidence::of(&place, &noted(&acknowledged)?, &[run]).await?;
    // It was waited for; where each lane is says no more than where its last event is.
    evidence.handler_checkpoint = evidence.log.last().map_or(0, |event| event.position);
    judge_events(&effects, &evidence.log)?;
    let counts = judge_nodes(&evidence).map_err(|violations| accusation(kills, &violations))?;
    // Whoever takes a lane repeats at most the page that the one before had not kept. Who gives a lane back keeps it.
    let most = (lost_lanes + ledger.taken(&format!("{HANDLER}#"))) * HANDLER_PAGE;
    eprintln!(
        "{kills} kills in {:?}; {} looks at leases that changed hands {} times",
        began.elapsed(),
        ledger.looks(),
        ledger.passed_on()
    );
    eprintln!(
        "{} events acknowledged, {} in the log, {} handled, {} repeats of at most {most}",
        counts.acknowledged, counts.logged, counts.handled, counts.redelivered
    );
    eprintln!("late, by nodes that had been stopped: {late} effects; {late_moves:?}");
    assert!(counts.redelivered <= most, "{}", counts.redelivered);
    match late > 0 && late_moves.fenced > 0 {
        true => Ok(()),
        false => Err("the run was too weak to count: no node was stopped at its work".into()),
    }
}

type Writing = JoinHandle<Result<(), BoxError>>;

fn writing(counter: App, acknowledged: Notes, seed: u64) -> Writing {
    tokio::spawn(
        async move { write_with_pauses(&counter, acknowledged, seed, WRITERS_PAUSE).await },
    )
}

/// They go on until they are told to end, or something went wrong.
async fn stop(writing: Writing) -> Result<(), BoxError> {
    writing.abort();
    match writing.await {
        Err(error) if error.is_cancelled() => Ok(()),
        ended => ended?,
    }
}
