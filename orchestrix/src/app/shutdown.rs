//! The end of an application.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

use super::core::MOST_COMMANDS;
use super::subscriptions::SubscriptionTasks;
use super::{App, Core, Forced, Phase, PhaseTook, ShutdownReport};
use crate::error::BoxError;
use crate::store::{Backend, StoreHealth};
use crate::subscription::panic;

/// Something that is done first when an app is shut down.
pub(super) type Hook = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

/// A hook under way; it gives its name, and what became of it.
type RunningHook = Pin<Box<dyn Future<Output = (String, Result<(), BoxError>)> + Send>>;

/// Limits of phases are kept below this: a year.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What runs beside the callers of an application. Dropping it stops the subscriptions without waiting for them.
#[derive(Debug)]
pub(super) struct Running {
    stop: watch::Sender<bool>,
    force: watch::Sender<bool>,
    phase: watch::Sender<Phase>,
    /// Locked by the one who shuts down: others who do wait for the end too.
    ending: Mutex<Ending>,
    backend: BackendHandle,
}

/// What is left to end. It stays here until it has ended, should a shutdown be given up half-way.
#[derive(Debug)]
struct Ending {
    hooks: FuturesUnordered<RunningHook>,
    /// Those that are still under way.
    hook_names: Vec<String>,
    subscriptions: SubscriptionTasks,
    /// When the phase that it is in began.
    entered: Option<Instant>,
    /// Commands under way when it began to wait for them.
    under_way: Option<u64>,
    report: ShutdownReport,
    done: Option<Arc<ShutdownReport>>,
}

/// When a wait ends whose time has come: at its limit, or when the end is forced.
struct Patience {
    began: Instant,
    until: Instant,
    force: watch::Receiver<bool>,
}

impl Patience {
    /// The outcome, unless it does not come in time. What is there at once is taken also when the end is forced.
    async fn with<F: Future>(&mut self, future: F) -> Option<F::Output> {
        tokio::select! {
            biased;
            output = future => Some(output),
            // Its sender lives as long as the app.
            Ok(_) = self.force.wait_for(|force| *force) => None,
            () = sleep_until(self.until) => None,
        }
    }

    fn forced(&self, what: String, phase: Phase) -> Forced {
        Forced {
            what,
            phase,
            waited: self.began.elapsed(),
        }
    }
}

/// A backend, for `Debug`.
pub(super) struct BackendHandle(pub(super) Arc<dyn Backend>);

impl std::fmt::Debug for BackendHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name())
    }
}

impl Running {
    pub(super) fn new(
        stop: watch::Sender<bool>,
        subscriptions: SubscriptionTasks,
        hooks: Vec<(String, Hook)>,
        backend: Arc<dyn Backend>,
    ) -> Self {
        let hook_names = hooks.iter().map(|(name, _)| name.clone()).collect();
        let running = |(name, hook): (String, Hook)| -> RunningHook {
            Box::pin(async move {
                let outcome = panic::catch_in(hook).await;
                (name, outcome.unwrap_or_else(Err))
            })
        };
        Self {
            stop,
            force: watch::Sender::new(false),
            phase: watch::Sender::new(Phase::Running),
            ending: Mutex::new(Ending {
                hooks: hooks.into_iter().map(running).collect(),
                hook_names,
                subscriptions,
                entered: None,
                under_way: None,
                report: ShutdownReport::default(),
                done: None,
            }),
            backend: BackendHandle(backend),
        }
    }

    /// What the store says of itself, if it says so within the limit.
    pub(super) async fn store_health(&self, limit: Duration) -> StoreHealth {
        let backend = &self.backend.0;
        let health = timeout(limit, backend.health()).await;
        health.unwrap_or_else(|_| {
            let late = format!("it took longer than {limit:?}");
            StoreHealth::new(backend.name(), Err(late.into()))
        })
    }

    /// True once the subscriptions are to end.
    pub(super) fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    pub(super) fn phases(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    pub(super) fn force(&self) {
        self.force.send_replace(true);
    }

    /// Ends everything, from where an earlier call gave up; says whether it was this call that came to the end.
    pub(super) async fn shutdown(&self, core: &Core) -> (Arc<ShutdownReport>, bool) {
        let mut ending = self.ending.lock().await;
        if let Some(done) = &ending.done {
            return (done.clone(), false);
        }
        let config = &core.config;
        core.closing.store(true, Ordering::Release);
        if self.enter(Phase::Stopping, &mut ending) {
            let patience = self.patience(config.stopping_timeout);
            ending.stop(patience).await;
        }
        if self.enter(Phase::Draining, &mut ending) {
            let patience = self.patience(config.draining_timeout);
            ending.drain(core, patience).await;
        }
        self.enter(Phase::Checkpointing, &mut ending);
        // A send fails only when every subscription has ended already.
        let _ = self.stop.send(true);
        let limit = config.checkpointing_timeout;
        let Ending {
            subscriptions,
            report,
            ..
        } = &mut *ending;
        join(&mut subscriptions.engines, self.patience(limit), report).await;
        join(&mut subscriptions.leases, self.patience(limit), report).await;
        let mut patience = self.patience(config.closing_timeout);
        match patience.with(self.backend.0.close()).await {
            Some(Ok(())) => {}
            Some(Err(source)) => ending.report.store = Some(source.into()),
            None => {
                let store = format!("the {} store", self.backend.0.name());
                let late = patience.forced(store, Phase::Checkpointing);
                ending.report.forced.push(late);
            }
        }
        let end = match ending.report.forced.is_empty() {
            true => Phase::Stopped,
            false => Phase::Forced,
        };
        ending.report.outcome = end;
        ending.leave(Phase::Checkpointing);
        let report = Arc::new(std::mem::take(&mut ending.report));
        ending.done = Some(report.clone());
        self.phase.send_replace(end);
        (report, true)
    }

    /// Goes on to this phase, unless it is there already or further; says whether it is in it now.
    fn enter(&self, phase: Phase, ending: &mut Ending) -> bool {
        let at = *self.phase.borrow();
        if at < phase {
            ending.leave(at);
            ending.entered = Some(Instant::now());
            self.phase.send_replace(phase);
        }
        at <= phase
    }

    fn patience(&self, limit: Duration) -> Patience {
        let began = Instant::now();
        Patience {
            began,
            // No clock can tell the longest durations there are.
            until: began + limit.min(LONGEST),
            force: self.force.subscribe(),
        }
    }
}

impl Ending {
    /// Does what is to be done first.
    async fn stop(&mut self, mut patience: Patience) {
        while !self.hooks.is_empty() {
            match patience.with(self.hooks.next()).await {
                Some(Some((name, outcome))) => {
                    if let Some(at) = self.hook_names.iter().position(|known| *known == name) {
                        self.hook_names.remove(at);
                    }
                    if let Err(error) = outcome {
                        self.report.failed.push((name, error));
                    }
                }
                Some(None) => {}
                None => {
                    self.hooks.clear();
                    for name in std::mem::take(&mut self.hook_names) {
                        let late = patience.forced(format!("`{name}`"), Phase::Stopping);
                        self.report.forced.push(late);
                    }
                }
            }
        }
    }

    /// Waits for commands under way.
    async fn drain(&mut self, core: &Core, mut patience: Patience) {
        let door = &core.door;
        let places = u64::from(MOST_COMMANDS);
        let taken = || places.saturating_sub(door.available_permits() as u64);
        let under_way = *self.under_way.get_or_insert_with(taken);
        // Commands under way hold a place each: all places together are there when the last has ended.
        let all = patience.with(door.acquire_many(MOST_COMMANDS)).await;
        let ended = all.is_some();
        drop(all);
        door.close();
        let left = if ended { 0 } else { taken() };
        self.report.drained = under_way.saturating_sub(left);
        self.report.left = left;
        if !ended {
            let late = patience.forced("commands under way".to_owned(), Phase::Draining);
            self.report.forced.push(late);
        }
    }

    fn leave(&mut self, phase: Phase) {
        if let Some(entered) = self.entered.take() {
            let took = entered.elapsed();
            self.report.phases.push(PhaseTook { phase, took });
        }
    }
}

/// Waits for tasks; aborts and names those that do not end.
async fn join(
    tasks: &mut Vec<(String, JoinHandle<()>)>,
    mut patience: Patience,
    report: &mut ShutdownReport,
) {
    let mut late = Vec::new();
    while let Some((what, task)) = tasks.last_mut() {
        if patience.with(&mut *task).await.is_none() {
            task.abort();
            late.push(what.clone());
        }
        tasks.pop();
    }
    late.sort();
    let late = late.into_iter();
    let late = late.map(|what| patience.forced(what, Phase::Checkpointing));
    report.forced.extend(late);
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}

impl App {
    /// [Ends the application](App::shutdown), and tells what became of it; when it has ended already, the same again.
    ///
    /// # Cancellation
    /// As that of [`shutdown`](App::shutdown).
    pub async fn shutdown_report(&self) -> Arc<ShutdownReport> {
        self.running.shutdown(&self.core).await.0
    }
}
