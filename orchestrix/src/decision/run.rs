//! The road of a decision: read, fold, decide, append; again after a conflict.

use std::sync::Arc;
use std::time::Duration;

use tracing::Span;

use super::fold::Folded;
use super::stream::named_stream;
use super::{DecisionError, DecisionModel, DecisionReceipt};
use crate::aggregate::{CommandContext, CommandOrigin, ReceiptEvent, encode};
use crate::app::Core;
use crate::backoff::Backoff;
use crate::store::{
    Append, AppendError, Appended, EventData, EventQuery, ExpectedVersion, Filter, GlobalPosition,
    StreamId,
};
use crate::telemetry;

/// So often what conflicted is looked for before the decision is made without having seen it: it can be stored and yet
/// stand behind an append that is under way, where nobody can read it.
const LOOKS: u32 = 10;
/// Waits between these looks, which end when the store says that something has changed.
const LOOK_WAITS: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(50)];

/// One decision under way.
pub(super) struct Run {
    pub(super) core: Arc<Core>,
    query: EventQuery,
    filter: Filter,
    pub(super) stream: Option<StreamId>,
    pub(super) origin: CommandOrigin,
    cx: CommandContext,
}

impl Run {
    pub(super) fn new(
        core: Arc<Core>,
        query: EventQuery,
        stream: Option<StreamId>,
        origin: CommandOrigin,
    ) -> Self {
        let cx = CommandContext {
            now: core.clock.now(),
            message_id: origin.message_id,
            correlation_id: origin.correlation_id(),
            tenant: origin.tenant.clone(),
            actor: origin.metadata.actor.clone(),
        };
        Self {
            filter: Filter::all()
                .tenant(origin.tenant.clone())
                .query(query.clone()),
            stream: stream.map(|stream| stream.with_tenant(origin.tenant.clone())),
            core,
            query,
            origin,
            cx,
        }
    }

    /// Reads, decides and appends; where the decision has a key, the append does.
    pub(super) async fn decide_now<M, F, I, E>(
        &self,
        mut decide: F,
    ) -> Result<DecisionReceipt, DecisionError<E>>
    where
        M: DecisionModel,
        F: FnMut(&M, &CommandContext) -> Result<I, E>,
        I: IntoIterator<Item = M::Event>,
    {
        let store = &*self.core.ports.events;
        let mut folded = Folded::<M>::nothing();
        folded.catch_up(store, &self.filter).await?;
        let mut backoff = Backoff::after_conflicts();
        let mut attempts = 0_u32;
        loop {
            attempts += 1;
            Span::current().record(telemetry::ATTEMPTS, attempts);
            let events = decide(&folded.model, &self.cx).map_err(DecisionError::Rejected)?;
            let Some((stream, data)) = self.encoded(events)? else {
                return Ok(nothing(folded.position, attempts));
            };
            let append = || {
                let append = Append::new(stream.clone(), ExpectedVersion::Any, data.clone())
                    .unless(self.query.clone(), folded.position);
                match &self.origin.idempotency_key {
                    Some(key) => append.with_idempotency_key(key.clone()),
                    None => append,
                }
            };
            match self.core.executor.appender.append_surely(append).await {
                Ok(appended) => match &self.origin.idempotency_key {
                    Some(key) if appended.repeated => {
                        return self.known(key, appended, attempts).await;
                    }
                    _ => return Ok(receipt(appended, data, attempts)),
                },
                Err(AppendError::ConditionConflict { found, .. })
                    if attempts < self.core.config.conflict_attempts =>
                {
                    tokio::time::sleep(backoff.next()).await;
                    self.see(&mut folded, found).await?;
                }
                Err(AppendError::ConditionConflict {
                    query,
                    after,
                    found,
                }) => {
                    return Err(DecisionError::Conflict {
                        query,
                        after,
                        found,
                        attempts,
                    });
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// What is to be appended, and where to; nothing when there are no events.
    fn encoded<V: crate::message::Event, E>(
        &self,
        events: impl IntoIterator<Item = V>,
    ) -> Result<Option<(StreamId, Vec<EventData>)>, DecisionError<E>> {
        let tagged = events
            .into_iter()
            .map(|event| encode(&event, &self.origin, &self.cx))
            .collect::<Result<Vec<_>, _>>()?;
        let Some(first) = tagged.first() else {
            return Ok(None);
        };
        let stream = match &self.stream {
            Some(stream) => stream.clone(),
            None => named_stream(first, &self.origin)?,
        };
        Span::current().record(telemetry::STREAM, tracing::field::display(&stream));
        let data = tagged.into_iter().map(|encoded| encoded.data).collect();
        Ok(Some((stream, data)))
    }

    /// Reads on, if possible until the event that conflicted.
    async fn see<M: DecisionModel, E>(
        &self,
        folded: &mut Folded<M>,
        found: GlobalPosition,
    ) -> Result<(), DecisionError<E>> {
        let store = &*self.core.ports.events;
        let mut changes = store.changes();
        let mut backoff = Backoff::new(LOOK_WAITS[0], LOOK_WAITS[1]);
        loop {
            folded.catch_up(store, &self.filter).await?;
            if folded.position >= found || backoff.failures() == LOOKS {
                return Ok(());
            }
            changes.changed(backoff.next()).await;
        }
    }
}

fn nothing(position: GlobalPosition, attempts: u32) -> DecisionReceipt {
    DecisionReceipt {
        written: None,
        position,
        events: Vec::new(),
        attempts,
    }
}

fn receipt(appended: Appended, data: Vec<EventData>, attempts: u32) -> DecisionReceipt {
    DecisionReceipt {
        position: appended.position,
        written: appended.streams.into_iter().next(),
        events: data.into_iter().map(ReceiptEvent::of).collect(),
        attempts,
    }
}
