//! `app.schedule(command, due)`.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::{COMMAND, ScheduleError};
use crate::aggregate::{CommandOrigin, chain_settings};
use crate::app::{Core, Dispatchable};
use crate::message::MessageId;
use crate::store::{NameError, Payload, ScheduleId, ScheduleOutcome, Scheduled, TenantId};
use crate::tenant::ChosenTenant;

/// The most bytes that a command has that is scheduled: its JSON, and what is free in its metadata. 1 MiB.
pub const MAX_SCHEDULED_BYTES: usize = 1024 * 1024;

/// When something is to be done, by the app's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Due {
    /// Then, or as soon as possible after it.
    At(Timestamp),
    /// So long after it is scheduled; at most at the last time there is.
    In(Duration),
}

impl From<Timestamp> for Due {
    fn from(time: Timestamp) -> Self {
        Self::At(time)
    }
}

impl From<Duration> for Due {
    fn from(wait: Duration) -> Self {
        Self::In(wait)
    }
}

/// A command that is about to be scheduled: await it, or set more before.
#[must_use = "nothing is scheduled until it is awaited"]
pub struct Schedule<C, Target> {
    core: Arc<Core>,
    command: C,
    due: Due,
    id: Result<Option<ScheduleId>, NameError>,
    origin: CommandOrigin,
    tenant: ChosenTenant,
    nested: bool,
    target: PhantomData<fn() -> Target>,
}

/// What came of scheduling a command.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScheduleReceipt {
    /// Whose.
    pub tenant: TenantId,
    /// What it is known by.
    pub id: ScheduleId,
    /// Whether it waits now, did so before, or was done already.
    pub outcome: ScheduleOutcome,
}

impl<C, Target> Schedule<C, Target> {
    pub(crate) fn new(core: Arc<Core>, command: C, due: Due) -> Self {
        Self {
            core,
            command,
            due,
            id: Ok(None),
            origin: CommandOrigin::begin(),
            tenant: ChosenTenant::ambient(),
            nested: false,
            target: PhantomData,
        }
    }

    /// One that belongs to a message under way; its id is derived from that where it can be.
    pub(crate) fn nested(
        core: Arc<Core>,
        command: C,
        due: Due,
        origin: CommandOrigin,
        id: Result<Option<ScheduleId>, NameError>,
    ) -> Self {
        Self {
            id,
            tenant: ChosenTenant::named(origin.tenant.clone()),
            origin,
            nested: true,
            ..Self::new(core, command, due)
        }
    }

    /// Under this id, by which it can be cancelled, and which is scheduled once: again with the same command, it changes
    /// nothing, neither the time. With another command it is
    /// [`Taken`](crate::store::ScheduleStoreError::Taken). Without an id, a unique one is made up.
    pub fn id(mut self, id: ScheduleId) -> Self {
        self.id = Ok(Some(id));
        self
    }

    chain_settings!();
}

impl<C, Target> IntoFuture for Schedule<C, Target>
where
    C: Dispatchable<Target> + Serialize,
    Target: 'static,
{
    type Output = Result<ScheduleReceipt, ScheduleError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let core = self.core;
            let known = core.firing.command(C::NAME);
            if !known.is_some_and(|known| known.is::<C>()) {
                return Err(ScheduleError::NotRegistered { command: C::NAME });
            }
            let tenant = self.tenant.resolve(core.config.require_tenant)?;
            let id = self.id.map_err(|source| ScheduleError::InvalidId {
                command: C::NAME,
                source,
            })?;
            let id = id.map_or_else(made_up, Ok)?;
            let payload = Payload::of(&self.command).map_err(|source| ScheduleError::Encode {
                command: C::NAME,
                source,
            })?;
            let bytes = payload.size() + self.origin.metadata.size();
            if bytes > MAX_SCHEDULED_BYTES {
                return Err(ScheduleError::TooLarge {
                    command: C::NAME,
                    bytes,
                    limit: MAX_SCHEDULED_BYTES,
                });
            }
            let _place = match self.nested {
                true => None,
                false => Some(core.enter().await.ok_or(ScheduleError::ShuttingDown)?),
            };
            let due = match self.due {
                Due::At(time) => time,
                Due::In(wait) => later(core.clock.now(), wait),
            };
            let scheduled =
                Scheduled::new(tenant.clone(), id.clone(), due, COMMAND, C::NAME, payload);
            let scheduled = scheduled.with_metadata(self.origin.metadata);
            let limit = core.config.dispatch_timeout;
            let kept = core.ports.schedules.schedule(scheduled);
            let kept = tokio::time::timeout(limit, kept).await;
            let outcome = kept.map_err(|_| ScheduleError::Timeout { limit })??;
            core.firing.wake.notify_one();
            Ok(ScheduleReceipt {
                tenant,
                id,
                outcome,
            })
        })
    }
}

impl<C, Target> fmt::Debug for Schedule<C, Target> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedule")
            .field("due", &self.due)
            .field("id", &self.id)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// So much later; at most the last time there is.
pub(super) fn later(time: Timestamp, by: Duration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn made_up() -> Result<ScheduleId, ScheduleError> {
    ScheduleId::new(MessageId::new().to_string()).map_err(|source| ScheduleError::InvalidId {
        command: "",
        source,
    })
}
