//! Does what a reaction asked for, from what was kept of it: again after a crash, with the same effects.

use std::sync::Arc;

use tokio::sync::watch;
use tracing::info;

use super::instance::{ReactingInstance, load};
use super::{log, timers};
use crate::aggregate::CommandOrigin;
use crate::app::{Core, DispatchError};
use crate::message::{MessageId, Metadata};
use crate::middleware::CommandError;
use crate::saga::event::{CommandRejected, Reacted, payload};
use crate::saga::trouble::{Trouble, insist};
use crate::store::{
    IdempotencyKey, MAX_IDEMPOTENCY_KEY_BYTES, NameError, ScheduleStoreError, StreamId,
};
use crate::telemetry;

/// What one reaction asked for.
pub(super) struct Outputs<'a> {
    pub(super) core: &'a Arc<Core>,
    pub(super) stop: &'a watch::Receiver<bool>,
    pub(super) stream: &'a StreamId,
    pub(super) reacted: &'a Reacted,
    /// What travelled with the event that was reacted to.
    pub(super) metadata: &'a Metadata,
}

/// What the domain said to a command.
enum Answer {
    Done,
    Refused(String),
}

impl Outputs<'_> {
    /// Commands in their order, then timers; `instance` is where it is now.
    pub(super) async fn make(&self, instance: &ReactingInstance) -> Result<(), Trouble> {
        for (at, _) in self.reacted.commands.iter().enumerate() {
            let number = u32::try_from(at).map_err(Trouble::last)?;
            if instance.rejected.contains(&(self.reacted.cause, number)) {
                continue;
            }
            let answer = insist(self.stop, "a command of a saga", || {
                Box::pin(self.dispatch(at))
            });
            if let Answer::Refused(reason) = answer.await? {
                self.refused(at, number, reason).await?;
            }
        }
        for (name, number) in &self.reacted.cancelled {
            insist(self.stop, "cancelling a timer of a saga", || {
                Box::pin(self.cancel(name, *number))
            })
            .await?;
        }
        for (name, timer) in &self.reacted.timers {
            // Only those that were not replaced, cancelled or reacted to since.
            let armed = instance.timers.get(name);
            let is_set =
                armed.is_some_and(|armed| armed.number == timer.number && armed.fired.is_none());
            if is_set {
                insist(self.stop, "setting a timer of a saga", || {
                    Box::pin(self.set((name, timer.number, timer.due)))
                })
                .await?;
            }
        }
        Ok(())
    }

    async fn dispatch(&self, at: usize) -> Result<Answer, Trouble> {
        let kept = &self.reacted.commands[at];
        let Some(command) = self.core.firing.command(&kept.name).copied() else {
            let unknown = format!("no module of this app has a stored command `{}`", kept.name);
            return Err(Trouble::last(unknown));
        };
        let cause = self.reacted.cause;
        let tenant = self.stream.tenant().clone();
        let mut origin = CommandOrigin::caused_by(cause, self.metadata, tenant);
        let key = key(self.stream, cause, at).map_err(Trouble::last)?;
        origin.idempotency_key = Some(key);
        let dispatched = command.dispatch(self.core.clone(), &payload(&kept.content), origin);
        match dispatched.map_err(Trouble::last)?.await {
            Ok(()) => Ok(Answer::Done),
            Err(error) if is_refusal(&error) => {
                Ok(Answer::Refused(crate::error::chain(&error).to_string()))
            }
            // What is not known to have been stored is sent again under the same key.
            Err(error) if error.is_transient() || error.is_unknown() => {
                Err(Trouble::Transient(error.into()))
            }
            Err(error) => Err(Trouble::last(error)),
        }
    }

    /// Keeps a refusal, which the saga then reacts to.
    async fn refused(&self, at: usize, number: u32, reason: String) -> Result<(), Trouble> {
        let kept = &self.reacted.commands[at];
        info!(
            { telemetry::STREAM } = %self.stream,
            { telemetry::COMMAND } = kept.name,
            "the domain refused a command of a saga"
        );
        let cause = self.reacted.cause;
        let rejected = CommandRejected {
            cause,
            number,
            command: kept.name.clone(),
            content: kept.content.clone(),
            reason,
        };
        insist(self.stop, "keeping a refusal", || {
            let event = rejected.clone().into();
            Box::pin(async move {
                let metadata = log::caused_by(cause, self.metadata);
                loop {
                    let (instance, _) = load(self.core, self.stream, None).await?;
                    if instance.rejected.contains(&(cause, number)) {
                        return Ok(());
                    }
                    let place = (self.stream, &instance);
                    let kept = log::append(self.core, place, &event, &metadata);
                    if kept.await?.is_some() {
                        return Ok(());
                    }
                }
            })
        })
        .await
    }

    async fn set(&self, timer: (&str, u64, jiff::Timestamp)) -> Result<(), Trouble> {
        let metadata = log::caused_by(self.reacted.cause, self.metadata);
        let scheduled = timers::scheduled(self.stream, timer, metadata)?;
        let kept = self.core.ports.schedules.schedule(scheduled);
        self.within(kept).await?;
        self.core.firing.wake.notify_one();
        Ok(())
    }

    async fn cancel(&self, name: &str, number: u64) -> Result<(), Trouble> {
        let id = timers::id(self.stream, name, number).map_err(Trouble::last)?;
        let tenant = self.stream.tenant();
        let cancelled = self.core.ports.schedules.cancel_scheduled(tenant, &id);
        self.within(cancelled).await.map(drop)
    }

    async fn within<T>(
        &self,
        answer: impl Future<Output = Result<T, ScheduleStoreError>>,
    ) -> Result<T, Trouble> {
        let limit = self.core.config.dispatch_timeout;
        let late = || format!("the store did not answer within {limit:?}");
        match tokio::time::timeout(limit, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) if error.is_transient() => Err(Trouble::Transient(error.into())),
            Ok(Err(error)) => Err(Trouble::last(error)),
            Err(_) => Err(Trouble::Transient(late().into())),
        }
    }
}

/// Whether it was the domain, or what guards it, that said no to this very command.
fn is_refusal(error: &CommandError) -> bool {
    matches!(
        error,
        DispatchError::Rejected(_)
            | DispatchError::NotFound { .. }
            | DispatchError::AlreadyExists { .. }
            | DispatchError::Archived { .. }
            | DispatchError::InvalidId { .. }
            | DispatchError::Denied { .. }
    )
}

/// The same each time for one command of one reaction, and no other's.
fn key(stream: &StreamId, cause: MessageId, at: usize) -> Result<IdempotencyKey, NameError> {
    let readable = format!("saga/{}/{cause}/{at}", stream.key());
    // Room for the numbers of what a module's command dispatches.
    if readable.len() + 11 <= MAX_IDEMPOTENCY_KEY_BYTES {
        return IdempotencyKey::new(readable);
    }
    let hashed = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, readable.as_bytes());
    IdempotencyKey::new(format!("saga/{hashed}"))
}
