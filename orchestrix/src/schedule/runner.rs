//! Does what is due.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::sync::watch;
use tracing::{error, info, warn};

use super::request::later;
use super::{FiringError, FiringFailure};
use crate::app::Core;
use crate::backoff::Backoff;
use crate::error::chain;
use crate::store::{ScheduleStoreError, Scheduled};
use crate::subscription::panic;
use crate::telemetry;

/// So many are under way at once in one app.
const AT_ONCE: usize = 16;
/// It is looked this often whether others left something to do.
const LOOK: Duration = Duration::from_secs(1);
/// No look follows another sooner that found what is due in the hands of others.
const SOONEST: Duration = Duration::from_millis(10);
/// Waits after failures of the store.
const WAITS: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(5)];
/// What failed is tried again after this, and then after twice as long each time.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(600);
/// How often a claim is extended while it lasts.
const BEATS: u32 = 5;
/// How long it is remembered what was fired.
const REMEMBERED: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How often it is looked for what is to be forgotten, by an app that fires, and how much at once.
const FORGETTING: Duration = Duration::from_secs(60 * 60);
const FORGOTTEN: usize = 1_000;

/// The task that looks for what is due.
pub(crate) struct Runner {
    core: Arc<Core>,
    stop: watch::Receiver<bool>,
    backoff: Backoff,
    /// When it last forgot what was fired long ago.
    forgot: Option<Timestamp>,
}

/// What a look found.
struct Look {
    claimed: Vec<Scheduled>,
    /// When to look again, by the app's clock; never, if nothing waits.
    next: Option<Timestamp>,
    /// And by the machine's, at the latest.
    within: Duration,
}

impl Runner {
    pub(crate) fn new(core: Arc<Core>, stop: watch::Receiver<bool>) -> Self {
        Self {
            core,
            stop,
            backoff: Backoff::new(WAITS[0], WAITS[1]),
            forgot: None,
        }
    }

    /// Until it is told to stop; then it waits for what is under way.
    pub(crate) async fn run(mut self) {
        let mut under_way = FuturesUnordered::new();
        let clock = self.core.clock.clone();
        loop {
            let is_stopping = *self.stop.borrow();
            if is_stopping && under_way.is_empty() {
                return;
            }
            // Claimed in handfuls: each takes a round trip.
            let has_room = !is_stopping && under_way.len() <= AT_ONCE / 2;
            let mut look = Look {
                claimed: Vec::new(),
                next: self.core.firing.status.borrow().next,
                within: LOOK,
            };
            if has_room {
                let at_it = under_way.len();
                look = beside(&mut under_way, self.look(AT_ONCE - at_it)).await;
                let has_fired = under_way.len() < at_it;
                for claimed in look.claimed.drain(..) {
                    under_way.push(fire(self.core.clone(), claimed));
                }
                self.tell(under_way.len(), look.next);
                if has_fired {
                    beside(&mut under_way, self.forget()).await;
                }
            }
            let mut has_fired = false;
            let due = async {
                match look.next {
                    Some(next) => clock.sleep_until(next).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Some(()) = under_way.next() => has_fired = true,
                () = due, if has_room => {}
                () = tokio::time::sleep(look.within), if has_room => {}
                () = self.core.firing.wake.notified(), if has_room => {}
                _ = self.stop.wait_for(|stop| *stop), if !is_stopping => {}
            }
            if has_fired {
                self.tell(under_way.len(), look.next);
                beside(&mut under_way, self.forget()).await;
            }
        }
    }

    fn tell(&self, under_way: usize, next: Option<Timestamp>) {
        self.core.firing.status.send_if_modified(|status| {
            let known = (status.under_way, status.next);
            (status.under_way, status.next) = (under_way, next);
            known != (under_way, next)
        });
    }

    /// Claims what is due, if there is something.
    async fn look(&mut self, room: usize) -> Look {
        match self.claim(room).await {
            Ok(look) => {
                self.backoff.reset();
                self.core.firing.status.send_if_modified(|status| {
                    let had_failed = status.store_error.is_some();
                    status.store_error = None;
                    had_failed
                });
                look
            }
            Err(error) => {
                warn!(
                    { telemetry::ERROR } = %chain(&error),
                    "what is due could not be looked for, and it is tried again"
                );
                let error = Arc::new(error);
                let status = &self.core.firing.status;
                status.send_modify(|status| status.store_error = Some(error));
                Look {
                    claimed: Vec::new(),
                    next: None,
                    within: self.backoff.next(),
                }
            }
        }
    }

    async fn claim(&self, room: usize) -> Result<Look, ScheduleStoreError> {
        let store = &self.core.ports.schedules;
        let next = store.next_scheduled().await?;
        let now = self.core.clock.now();
        let mut look = Look {
            claimed: Vec::new(),
            next,
            within: LOOK,
        };
        if next.is_none_or(|next| next > now) {
            return Ok(look);
        }
        // Extended while it is at it: only who died leaves a claim behind.
        let until = later(now, self.core.config.lease_duration);
        look.claimed = store.claim_scheduled(now, until, room).await?;
        look.next = store.next_scheduled().await?;
        if look.claimed.is_empty() {
            // Others were faster, or are just about to be.
            look.next = look.next.filter(|next| *next > now);
            look.within = SOONEST;
        }
        Ok(look)
    }

    /// Forgets what was fired long ago, now and then.
    async fn forget(&mut self) {
        let now = self.core.clock.now();
        if self
            .forgot
            .is_some_and(|forgot| now < later(forgot, FORGETTING))
        {
            return;
        }
        self.forgot = Some(now);
        let before = now.checked_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        let schedules = &self.core.ports.schedules;
        if let Err(error) = schedules.forget_fired(before, FORGOTTEN).await {
            warn!(
                { telemetry::ERROR } = %chain(&error),
                "what was fired long ago could not be forgotten, and it is tried again later"
            );
        }
    }
}

/// Goes on with what is under way until something else has come to its end.
async fn beside<T>(
    under_way: &mut FuturesUnordered<impl Future<Output = ()>>,
    other: impl Future<Output = T>,
) -> T {
    let mut other = pin!(other);
    loop {
        tokio::select! {
            done = &mut other => return done,
            Some(()) = under_way.next() => {}
        }
    }
}

/// Extends the claim of what is under way until that is done, so that nobody else begins it meanwhile.
async fn claimed<T>(core: &Core, due: &Scheduled, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let held = core.config.lease_duration;
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(held / BEATS) => {}
        }
        let until = later(core.clock.now(), held);
        let mut extending = pin!(core.ports.schedules.extend_scheduled(due, until));
        let mut done = None;
        // Its answer is waited for in any case: should it come to the store late, it would undo what that is told of the work.
        let extended = loop {
            tokio::select! {
                extended = &mut extending => break extended,
                outcome = &mut work, if done.is_none() => done = Some(outcome),
            }
        };
        if let Some(done) = done {
            return done;
        }
        match extended {
            Ok(true) => {}
            // It was cancelled, or another app is at it, whose word counts.
            Ok(false) => return work.await,
            Err(error) => warn!(
                { telemetry::SCHEDULE } = %due.id,
                { telemetry::ERROR } = %chain(&error),
                "a claim could not be extended, and it is tried again"
            ),
        }
    }
}

/// Does what is due, and tells the store.
async fn fire(core: Arc<Core>, due: Scheduled) {
    let done = match core.firing.handler(&due.kind) {
        Some(handler) => {
            let done = handler(core.clone(), due.clone());
            let caught = claimed(&core, &due, panic::catch_in(done)).await;
            caught.unwrap_or_else(|source| Err(FiringError::Failed { source }))
        }
        None => Err(FiringError::UnknownKind {
            kind: due.kind.clone(),
        }),
    };
    let now = core.clock.now();
    let schedules = &core.ports.schedules;
    let error = done.err().map(Arc::new);
    if let Some(error) = &error {
        tell(&due, error);
    }
    let told = match &error {
        Some(error) if !error.is_final() => {
            let text = chain(&**error).to_string();
            let until = later(now, retry_after(due.attempts));
            schedules.postpone_scheduled(&due, until, &text).await
        }
        _ => schedules.fired(&due, now).await,
    };
    if let Err(error) = told {
        // It comes again when its claim has ended, and its key keeps it from being done twice.
        warn!(
            { telemetry::SCHEDULE } = %due.id,
            { telemetry::ERROR } = %chain(&error),
            "the store was not told what came of what was due"
        );
    }
    core.firing.status.send_modify(|status| {
        let failure = |error: &Arc<FiringError>| FiringFailure {
            tenant: due.tenant.clone(),
            id: due.id.clone(),
            name: due.name.clone(),
            attempts: due.attempts,
            at: now,
            error: error.clone(),
        };
        match &error {
            None => status.fired += 1,
            Some(error) if error.is_final() => {
                status.refused += 1;
                status.last_refusal = Some(failure(error));
            }
            Some(error) => {
                status.failed += 1;
                status.last_failure = Some(failure(error));
            }
        }
    });
}

fn tell(due: &Scheduled, failed: &Arc<FiringError>) {
    macro_rules! log {
        ($level:ident, $text:literal) => {
            $level!(
                { telemetry::SCHEDULE } = %due.id,
                { telemetry::COMMAND } = due.name,
                { telemetry::ATTEMPTS } = due.attempts,
                { telemetry::ERROR } = %chain(&**failed),
                $text
            )
        };
    }
    match &**failed {
        FiringError::Refused { .. } => log!(info, "what was scheduled was refused"),
        FiringError::Failed { .. } => log!(warn, "what was scheduled failed, and is tried again"),
        _ => log!(
            error,
            "what was scheduled cannot be done here, and is tried again"
        ),
    }
}

fn retry_after(attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    FIRST_RETRY.saturating_mul(1 << doublings).min(LAST_RETRY)
}
