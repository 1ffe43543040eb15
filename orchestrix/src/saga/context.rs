//! What steps and compensations know and may do.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::StepError;
use crate::aggregate::CommandOrigin;
use crate::app::{Core, Dispatch, Dispatchable, View, ViewQuery};
use crate::message::{CorrelationId, Key, MessageId, Metadata};
use crate::projection::Projection;
use crate::store::{
    IdempotencyKey, MAX_IDEMPOTENCY_KEY_BYTES, NameError, Payload, StreamId, TenantId,
};

/// What a step or a compensation of a saga knows, and what it may do: commands that it dispatches have their effect once,
/// however often it runs.
pub struct SagaContext {
    core: Arc<Core>,
    /// The saga's own stream.
    stream: StreamId,
    saga: &'static str,
    /// What is run: the step, or its compensation.
    part: &'static str,
    attempt: u32,
    results: Arc<BTreeMap<String, Payload>>,
    /// The event that it began with, and what travelled with that.
    cause: (MessageId, Metadata),
    dispatched: AtomicU32,
    /// Of those, how many have come to something.
    carried_out: Arc<AtomicU32>,
}

impl SagaContext {
    pub(super) fn new(
        core: Arc<Core>,
        (saga, stream): (&'static str, StreamId),
        (part, attempt): (&'static str, u32),
        results: Arc<BTreeMap<String, Payload>>,
        cause: (MessageId, Metadata),
    ) -> Self {
        Self {
            core,
            stream,
            saga,
            part,
            attempt,
            results,
            cause,
            dispatched: AtomicU32::new(0),
            carried_out: Arc::default(),
        }
    }

    /// The key of the instance.
    pub fn key(&self) -> &str {
        // The stream's key is the saga's name, a hyphen and this.
        let key = self.stream.key();
        key.get(self.saga.len() + 1..).unwrap_or(key)
    }

    /// Whose it is.
    pub fn tenant(&self) -> &TenantId {
        self.stream.tenant()
    }

    /// The instance's own stream.
    pub fn stream(&self) -> &StreamId {
        &self.stream
    }

    /// How many times it has been called, this one included: more than once after failures that may pass.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The time, by the app's clock.
    pub fn now(&self) -> Timestamp {
        self.core.clock.now()
    }

    /// What all messages of its chain have in common: the commands that it dispatches and their events, and what it began
    /// with.
    pub fn correlation_id(&self) -> CorrelationId {
        let (event, metadata) = &self.cause;
        metadata.correlation_id.unwrap_or_else(|| (*event).into())
    }

    /// What a completed step gave.
    ///
    /// # Errors
    /// A terminal one, when the step is not completed, or gave something else: a type has changed under running sagas.
    pub fn result<T: DeserializeOwned>(&self, step: &str) -> Result<T, StepError> {
        let Some(result) = self.results.get(step) else {
            let none = format!(
                "step `{step}` has no result: it does not come before `{}`",
                self.part
            );
            return Err(StepError::terminal(none));
        };
        result.read().map_err(|error| {
            StepError::terminal(format!(
                "the result of step `{step}` does not fit its type: {error}"
            ))
        })
    }

    /// The same text each time that this step or compensation of this instance is called, and no other's: for services that
    /// know requests again by a key. At most 256 bytes.
    pub fn idempotency_key(&self) -> String {
        let readable = format!("saga/{}/{}", self.stream.key(), self.part);
        // Room for the number of a command.
        if readable.len() + 11 <= MAX_IDEMPOTENCY_KEY_BYTES {
            return readable;
        }
        let hashed = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, readable.as_bytes());
        format!("saga/{hashed}")
    }

    /// Dispatches a command to the saga's tenant, caused by what it began with. Its effect happens once, however often the
    /// step runs: its idempotency key is made of saga, step and the order of these calls within the step, which must not
    /// differ from one run to the next. A refusal is no effect, and may become another answer the next time.
    ///
    /// Await one before the next is dispatched. Where a node stands still for longer than its lease and others give the step
    /// up meanwhile, the command that it was at is not carried out any more; of several at once that is certain for one.
    pub fn dispatch<C: Dispatchable<Target>, Target>(&self, command: C) -> Dispatch<C, Target> {
        let (event, metadata) = &self.cause;
        let origin = CommandOrigin::caused_by(*event, metadata, self.tenant().clone());
        let number = self.dispatched.fetch_add(1, Ordering::Relaxed) + 1;
        Dispatch::nested(self.core.clone(), command, origin)
            .part_of(self.key_of(number).map(Some))
            .counted_in(self.carried_out.clone())
    }

    fn key_of(&self, number: u32) -> Result<IdempotencyKey, NameError> {
        IdempotencyKey::new(format!("{}/{number}", self.idempotency_key()))
    }

    /// The key of the first command that has not been carried out, as far as commands come one after the other.
    pub(super) fn open_key(&self) -> Option<IdempotencyKey> {
        let dispatched = self.dispatched.load(Ordering::Relaxed);
        let number = match self.carried_out.load(Ordering::Relaxed) < dispatched {
            true => dispatched,
            false => dispatched.saturating_add(1),
        };
        self.key_of(number).ok()
    }

    /// A document of a read model, of the same tenant.
    pub fn view<P: Projection>(&self, key: &(impl Key + ?Sized)) -> View<P> {
        View::new(self.core.clone(), key.to_key()).tenant(self.tenant().clone())
    }

    /// The documents of a read model by their places in its indexes, of the same tenant.
    ///
    /// ```
    /// # use orchestrix::prelude::*;
    /// # #[derive(Event, Serialize, Deserialize)] struct Moored { berth: u32, harbour: String }
    /// # #[derive(Default, Serialize, Deserialize)] struct Berth { harbour: String }
    /// # #[projection(key = berth, index(harbour))]
    /// # impl Berth { #[apply] fn moored(&mut self, event: &Moored) { self.harbour = event.harbour.clone(); } }
    /// async fn berths_in(harbour: &str, cx: &SagaContext) -> Result<u64, StepError> {
    ///     Ok(cx.query::<Berth>().equals("harbour", harbour).count().await?)
    /// }
    /// ```
    pub fn query<P: Projection>(&self) -> ViewQuery<P> {
        ViewQuery::new(self.core.clone()).tenant(self.tenant().clone())
    }
}

impl fmt::Debug for SagaContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SagaContext")
            .field("stream", &self.stream)
            .field("part", &self.part)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}
