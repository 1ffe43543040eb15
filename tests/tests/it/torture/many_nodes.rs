//! Three processes share a handler of eight lanes and the read models of one database, while others write. They are
//! killed, stopped past the time of their leases, and replaced: what they held is taken over in time, nothing is counted
//! twice, and the handler is given each event, in the order of its stream.

mod effects;
mod fencing;
mod leases;
mod process;
mod watch;

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use orchestrix::error::BoxError;
use orchestrix::prelude::*;
use tests::crash_bank::{
    BankPlace, Effect, HANDLER, HANDLER_PAGE, LANES, NodeNotes, moves, start_counter, start_node,
    write_with_pauses,
};
use tokio::task::JoinHandle;

use super::crash_consumers::accusation;
use super::crash_consumers::evidence::{Evidence, noted};
use super::crash_consumers::verdict::judge_nodes;
use super::in_database::in_database;
use super::work::{PATIENCE, Seeded, amount, seed, within};
use effects::{Effects, judge_events, late};
use fencing::judge_moves;
use leases::LeaseSeen;
use process::NodeProcess;
use watch::{Watch, Watched};

/// At full size; in each round a node is killed, one is stopped, and one comes.
const FULL_ROUNDS: usize = 20;
const NODES: usize = 3;
const LEASE: Duration = Duration::from_secs(1);
/// What a node held that is gone is held by others within this time.
const TAKEN_OVER: Duration = Duration::from_secs(2);
/// The lanes of the handler, and the read models.
const LEASES: usize = LANES as usize + 3;
/// Between two commands of each writer, so that the handler keeps up.
const WRITERS_PAUSE: Duration = Duration::from_millis(15);
/// While a node stands still, the others do so much.
const MEANWHILE: usize = 100;
/// So many more rounds are made while no node happened to be stopped in the middle of its work.
const MORE_ROUNDS: usize = 5;

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
    let writing = writing(counter.clone(), acknowledged.clone(), seed);
    let notes = NodeNotes {
        effects: folder.path().join("effects"),
        moves: folder.path().join("moves"),
    };
    File::create_new(&notes.moves)?;
    let watch = Watch::start(&url, notes.moves.clone()).await?;
    let mut torture = Torture {
        effects: Effects::of(notes.effects.clone())?,
        notes: notes.clone(),
        url,
        random: Seeded::new(seed),
        nodes: Vec::new(),
        started: 0,
        kills: 0,
        lost_lanes: 0,
        late: 0,
        watch: &watch,
    };
    let outcome = async {
        torture.make_rounds(rounds).await?;
        stop(writing).await?;
        counter.shutdown().await?;
        torture.finish().await
    };
    let outcome = outcome.await;
    let Torture {
        url,
        effects,
        nodes,
        kills,
        lost_lanes,
        late,
        ..
    } = torture;
    drop(nodes);
    // What was wrong with the leases explains the rest.
    let Watched { ledger, taken } = watch.end().await?;
    let late_moves = judge_moves(&moves(&fs::read_to_string(&notes.moves)?)?, &taken)?;
    outcome?;

    let effects = effects.all()?;
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

fn writing(counter: App, acknowledged: PathBuf, seed: u64) -> Writing {
    tokio::spawn(
        async move { write_with_pauses(&counter, &acknowledged, seed, WRITERS_PAUSE).await },
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

/// One database, and the nodes that run.
struct Torture<'a> {
    url: String,
    notes: NodeNotes,
    effects: Effects,
    random: Seeded,
    nodes: Vec<NodeProcess>,
    started: usize,
    kills: usize,
    /// Lanes that nodes held when they were killed or stopped.
    lost_lanes: usize,
    /// What stopped nodes did late.
    late: usize,
    watch: &'a Watch,
}

impl Torture<'_> {
    async fn make_rounds(&mut self, rounds: usize) -> Result<(), BoxError> {
        for _ in 0..NODES {
            self.start_one()?;
        }
        self.share("the first nodes share").await?;
        let mut round = 0;
        while round < rounds || (self.late == 0 && round < rounds + MORE_ROUNDS) {
            round += 1;
            self.kill_one().await?;
            let is_replaced_first = self.random.below(2) == 0;
            if is_replaced_first {
                self.replace().await?;
            }
            self.stop_one().await?;
            if !is_replaced_first {
                self.replace().await?;
            }
        }
        Ok(())
    }

    fn start_one(&mut self) -> Result<(), BoxError> {
        self.started += 1;
        let node = NodeProcess::start(&self.url, &self.notes, self.started)?;
        self.nodes.push(node);
        Ok(())
    }

    async fn replace(&mut self) -> Result<(), BoxError> {
        self.start_one()?;
        self.share("the new node has its share").await
    }

    /// At any moment.
    async fn kill_one(&mut self) -> Result<(), BoxError> {
        let victim = self.random.below(self.nodes.len() as u64) as usize;
        tokio::time::sleep(Duration::from_millis(self.random.below(150))).await;
        let mut killed = self.nodes.swap_remove(victim);
        let held = held(&killed, &self.watch.now());
        let since = Instant::now();
        killed.kill()?;
        self.kills += 1;
        self.taken_over(&held, since, &format!("{} was killed", killed.name))
            .await
    }

    /// In the middle of its work, until others have taken it over.
    async fn stop_one(&mut self) -> Result<(), BoxError> {
        let leases = self.watch.now();
        let mut busy: Vec<usize> = (0..self.nodes.len()).collect();
        // One or the other of these lanes has streams.
        busy.retain(|at| lanes(&held(&self.nodes[*at], &leases)) >= 2);
        let chosen = busy[self.random.below(busy.len() as u64) as usize];
        let mut stopped = self.nodes.swap_remove(chosen);
        let name = stopped.name.clone();
        let is_its = |effect: &Effect| effect.node == name;

        let working = self.effects.come(self.effects.mark()?, 1, is_its);
        within(PATIENCE, "the node is at work", working).await??;
        let since = Instant::now();
        stopped.stop()?;
        let held = held(&stopped, &self.watch.now());
        self.taken_over(&held, since, &format!("{name} was stopped"))
            .await?;
        let going_on = self
            .effects
            .come(self.effects.mark()?, MEANWHILE, |effect| !is_its(effect));
        within(PATIENCE, "the others go on", going_on).await??;

        let before = self.effects.all()?;
        let mark = self.effects.mark()?;
        stopped.go_on()?;
        self.nodes.push(stopped);
        self.share("the stopped node has its share again").await?;
        let late = late(&before, &self.effects.since(mark)?, &name);
        eprintln!("{name} came back {late} effects late");
        self.late += late;
        Ok(())
    }

    /// Waits until other nodes hold all of these leases, in time.
    async fn taken_over(
        &mut self,
        held: &[String],
        since: Instant,
        what: &str,
    ) -> Result<(), BoxError> {
        if held.is_empty() {
            return Err(format!("{what}, and held nothing").into());
        }
        self.lost_lanes += lanes(held);
        let are_taken = |leases: &[LeaseSeen]| {
            let taken = |lease: &LeaseSeen| self.nodes.iter().any(|node| node.holds(lease));
            let now = leases.iter().filter(|lease| held.contains(&lease.name));
            now.filter(|lease| taken(lease)).count() == held.len()
        };
        let waiting = format!("{what}, others hold its leases");
        let taken = self.watch.until(since, TAKEN_OVER, &waiting, are_taken);
        let took = taken.await?;
        eprintln!(
            "{what}: its {} leases were taken over in {took:?}",
            held.len()
        );
        Ok(())
    }

    /// Waits until all nodes have a fair share of the leases.
    async fn share(&mut self, what: &str) -> Result<(), BoxError> {
        let since = Instant::now();
        let most = LEASES.div_ceil(self.nodes.len());
        let is_fair = |leases: &[LeaseSeen]| {
            let shares = self.nodes.iter().map(|node| held(node, leases).len());
            let shares: Vec<_> = shares.collect();
            shares.iter().sum::<usize>() == LEASES && shares.iter().all(|share| *share <= most)
        };
        let took = self.watch.until(since, PATIENCE, what, is_fair).await?;
        eprintln!("{what} of up to {most} leases after {took:?}");
        for node in &mut self.nodes {
            node.still_runs()?;
        }
        Ok(())
    }

    /// Waits until everything is consumed, seen from a node that has just come, and ends the others.
    async fn finish(&mut self) -> Result<(), BoxError> {
        let observer = start_node(&self.url, &self.notes, "observer", LEASE).await?;
        let head = observer.store().head().await?;
        observer.caught_up(head, PATIENCE).await?;
        for node in &mut self.nodes {
            node.kill()?;
        }
        Ok(observer.shutdown().await?)
    }
}

/// How many of these leases are lanes'.
fn lanes(leases: &[String]) -> usize {
    leases.iter().filter(|name| name.contains('#')).count()
}

/// The names of the leases that it holds.
fn held(node: &NodeProcess, leases: &[LeaseSeen]) -> Vec<String> {
    let held = leases.iter().filter(|lease| node.holds(lease));
    held.map(|lease| lease.name.clone()).collect()
}
