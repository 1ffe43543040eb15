//! Doing what is due, under a claim that lasts as long as that.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tracing::{error, info, warn};

use super::request::later;
use super::{FiringError, FiringFailure};
use crate::app::Core;
use crate::error::chain;
use crate::store::Scheduled;
use crate::subscription::panic;
use crate::telemetry;

/// What failed is tried again after this, and then after twice as long each time.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(600);
/// How often a claim is extended while it lasts.
const BEATS: u32 = 5;

/// Does what is due, and tells the store.
pub(super) async fn fire(core: Arc<Core>, due: Scheduled) {
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
