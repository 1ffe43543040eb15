//! Does what is due.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::sync::watch;
use tracing::warn;

use super::fire::fire;
use super::request::later;
use crate::app::Core;
use crate::backoff::Backoff;
use crate::error::chain;
use crate::store::{ScheduleStoreError, Scheduled};
use crate::telemetry;

/// So many are under way at once in one app.
const AT_ONCE: usize = 16;
/// It is looked this often whether others left something to do.
const LOOK: Duration = Duration::from_secs(1);
/// No look follows another sooner that found what is due in the hands of others.
const SOONEST: Duration = Duration::from_millis(10);
/// Waits after failures of the store.
const WAITS: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(5)];
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
