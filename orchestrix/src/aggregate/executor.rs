//! The road of a command: its turn, the state, the decision, the append.

use std::sync::Arc;
use std::time::Duration;

use tracing::Span;

use super::cache::StateCache;
use super::encoding;
use super::load::Loaded;
use super::queue::StreamQueues;
use super::{
    Aggregate, CommandContext, CommandFor, CommandOrigin, Current, Declined, DispatchError,
    LoadError, Receipt, ReceiptEvent,
};
use crate::backoff::Backoff;
use crate::message::Event;
use crate::store::Appender;
use crate::store::{
    Append, AppendError, Appended, EventData, EventStore, ExpectedVersion, Lock, LockKey,
    LockStore, ReadStream, StreamId,
};
use crate::telemetry;

/// Decides commands on aggregates.
pub(crate) struct Executor {
    pub(crate) store: Arc<dyn EventStore>,
    pub(crate) appender: Appender,
    pub(crate) queues: StreamQueues,
    pub(crate) cache: StateCache,
    pub(crate) locks: Arc<dyn LockStore>,
    /// How many times a command is decided before its conflicts are given to the caller.
    pub(crate) conflict_attempts: u32,
}

/// How a command is kept apart from others on its stream.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Locking {
    /// Not at all: the append finds out that others were faster, and it is decided again.
    Optimistic,
    /// By the stream's lock, which is waited for at most so long.
    Pessimistic { wait: Duration },
}

/// What a command was decided to be.
pub(super) struct Decision<E> {
    events: Vec<E>,
    pub(super) data: Vec<EventData>,
}

impl Executor {
    /// Carries out a command; where it has a key, its appends do.
    pub(super) async fn run<C: CommandFor<A>, A: Aggregate>(
        &self,
        command: &C,
        stream: StreamId,
        origin: &CommandOrigin,
        cx: &CommandContext,
        locking: Locking,
    ) -> Result<Receipt, DispatchError<C::Error>> {
        let _turn =
            self.queues
                .enter(&stream)
                .await
                .map_err(|waiting| DispatchError::Overloaded {
                    stream: stream.clone(),
                    waiting,
                })?;
        match locking {
            Locking::Optimistic => self.decide::<C, A>(command, stream, origin, cx, None).await,
            Locking::Pessimistic { wait } => {
                let key = LockKey::of_stream(&stream);
                let lock = self.locks.lock(&key, wait).await;
                let lock = lock.map_err(|error| DispatchError::of_lock(error, &stream))?;
                let outcome = self
                    .decide::<C, A>(command, stream, origin, cx, Some(&lock))
                    .await;
                // The append has decided; a lock that was lost meanwhile changes nothing about it.
                if let Err(error) = lock.release().await {
                    tracing::debug!({ telemetry::ERROR } = %error, "a lock was not released in order");
                }
                outcome
            }
        }
    }

    async fn decide<C: CommandFor<A>, A: Aggregate>(
        &self,
        command: &C,
        stream: StreamId,
        origin: &CommandOrigin,
        cx: &CommandContext,
        lock: Option<&Lock>,
    ) -> Result<Receipt, DispatchError<C::Error>> {
        let cached = self.cache.take::<A>(&stream);
        // What is decided on nothing is checked like what is decided on a cached state: by the append, or before it is
        // told that nothing comes of it. Under a lock nobody else writes, so what is read now stays true.
        let mut fresh = lock.is_some() || (cached.is_none() && !C::CREATES);
        let mut loaded = cached.unwrap_or_else(Loaded::nothing);
        if fresh {
            self.catch_up(&mut loaded, &stream).await?;
        }
        let mut backoff = Backoff::after_conflicts();
        let mut attempts = 0_u32;
        loop {
            attempts += 1;
            Span::current().record(telemetry::ATTEMPTS, attempts);
            let current = Current::new(loaded.state.as_ref(), loaded.version);
            let decided = command.decide(current, cx);
            if !fresh && !matches!(&decided, Ok(events) if !events.is_empty()) {
                // Nothing will be appended that could find out that the cached state is old.
                let seen = loaded.version;
                self.catch_up(&mut loaded, &stream).await?;
                fresh = true;
                if loaded.version != seen {
                    continue;
                }
            }
            let events = match decided {
                Ok(events) => events,
                Err(declined) => {
                    self.cache.put(stream.clone(), loaded);
                    return Err(declined_error(declined, stream));
                }
            };
            if events.is_empty() {
                let receipt = Receipt::nothing(stream.clone(), &loaded);
                self.cache.put(stream, loaded);
                return Ok(receipt);
            }
            let decision = encode::<A, C::Error>(events, &loaded, &stream, origin, cx)?;
            let append = || {
                let expected = ExpectedVersion::Exact(loaded.version);
                let append = Append::new(stream.clone(), expected, decision.data.clone());
                match &origin.idempotency_key {
                    Some(key) => append.with_idempotency_key(key.clone()),
                    None => append,
                }
            };
            match self.appender.append_surely(append).await {
                Ok(appended) => match &origin.idempotency_key {
                    Some(key) if appended.repeated => {
                        let known = self.known(key, decision, appended, loaded, stream);
                        return known.await;
                    }
                    _ => return Ok(self.done(decision, appended, loaded, stream)),
                },
                Err(AppendError::Conflict { .. }) if attempts < self.conflict_attempts => {
                    tokio::time::sleep(backoff.next()).await;
                    self.catch_up(&mut loaded, &stream).await?;
                    fresh = true;
                }
                Err(AppendError::Conflict {
                    stream,
                    expected,
                    actual,
                }) => {
                    return Err(DispatchError::Conflict {
                        stream,
                        expected,
                        actual,
                        attempts,
                    });
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn catch_up<A: Aggregate>(
        &self,
        loaded: &mut Loaded<A>,
        stream: &StreamId,
    ) -> Result<(), LoadError> {
        loaded
            .catch_up(&*self.store, ReadStream::forward(stream.clone()))
            .await
    }

    pub(super) fn done<A: Aggregate>(
        &self,
        decision: Decision<A::Event>,
        appended: Appended,
        mut loaded: Loaded<A>,
        stream: StreamId,
    ) -> Receipt {
        let applied = decision
            .events
            .iter()
            .all(|event| A::apply(&mut loaded.state, event).is_ok());
        loaded.version = loaded.version.plus(decision.events.len() as u64);
        loaded.position = appended.position;
        let receipt = Receipt {
            stream: stream.clone(),
            version: loaded.version,
            position: appended.position,
            events: decision.data.into_iter().map(ReceiptEvent::of).collect(),
        };
        if applied {
            self.cache.put(stream, loaded);
        }
        receipt
    }
}

fn encode<A: Aggregate, E>(
    events: Vec<A::Event>,
    loaded: &Loaded<A>,
    stream: &StreamId,
    origin: &CommandOrigin,
    cx: &CommandContext,
) -> Result<Decision<A::Event>, DispatchError<E>> {
    let mut data = Vec::with_capacity(events.len());
    let mut state_exists = loaded.state.is_some();
    for event in &events {
        // What is stored must be loadable: an event that cannot stand here is refused before it is appended.
        if !A::fits(state_exists, event) {
            return Err(DispatchError::Misplaced {
                stream: stream.clone(),
                event_type: event.event_type().name(),
            });
        }
        state_exists = true;
        data.push(encoding::encode(event, origin, cx)?.data);
    }
    Ok(Decision { events, data })
}

fn declined_error<E>(declined: Declined<E>, stream: StreamId) -> DispatchError<E> {
    match declined {
        Declined::Rejected(error) => DispatchError::Rejected(error),
        Declined::NotFound => DispatchError::NotFound { stream },
        Declined::AlreadyExists => DispatchError::AlreadyExists { stream },
    }
}
