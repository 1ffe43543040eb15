//! What becomes of the nodes in each round.

use std::time::{Duration, Instant};

use orchestrix::error::BoxError;
use tests::crash_bank::{Effect, LANES, NodeNotes, start_node};

use super::LEASE;
use super::effects::{Effects, late};
use super::leases::LeaseSeen;
use super::process::NodeProcess;
use super::watch::Watch;
use crate::torture::work::{PATIENCE, Seeded};

/// What a node held that is gone is held by others within this time.
const TAKEN_OVER: Duration = Duration::from_secs(2);
const NODES: usize = 3;
/// While a node stands still, the others do so much.
const MEANWHILE: usize = 100;
/// So many more rounds are made while no node happened to be stopped in the middle of its work.
const MORE_ROUNDS: usize = 5;
/// The lanes of the handler, and the read models.
const LEASES: usize = LANES as usize + 4;

/// One database, and the nodes that run.
pub(super) struct Torture<'a> {
    url: String,
    notes: NodeNotes,
    effects: Effects,
    random: Seeded,
    nodes: Vec<NodeProcess>,
    started: usize,
    pub(super) kills: usize,
    /// Lanes that nodes held when they were killed or stopped.
    pub(super) lost_lanes: usize,
    /// What stopped nodes did late.
    pub(super) late: usize,
    watch: &'a Watch,
}

impl<'a> Torture<'a> {
    pub(super) fn new(
        url: String,
        notes: NodeNotes,
        seed: u64,
        watch: &'a Watch,
    ) -> Result<Self, BoxError> {
        Ok(Self {
            url,
            effects: Effects::of(notes.effects.clone())?,
            notes,
            random: Seeded::new(seed),
            nodes: Vec::new(),
            started: 0,
            kills: 0,
            lost_lanes: 0,
            late: 0,
            watch,
        })
    }

    pub(super) async fn make_rounds(&mut self, rounds: usize) -> Result<(), BoxError> {
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
        // Not a wait for something: the kill comes at a random moment.
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

        let mark = self.effects.mark()?;
        let told = vec![stopped.told()];
        self.effects.come(mark, 1, told, is_its).await?;
        let since = Instant::now();
        stopped.stop()?;
        let held = held(&stopped, &self.watch.now());
        self.taken_over(&held, since, &format!("{name} was stopped"))
            .await?;
        let mark = self.effects.mark()?;
        let told = self.nodes.iter().map(NodeProcess::told).collect();
        self.effects
            .come(mark, MEANWHILE, told, |effect| !is_its(effect))
            .await?;

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
    pub(super) async fn finish(&mut self) -> Result<(), BoxError> {
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
