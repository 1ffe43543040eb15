//! `app.decide(query)`.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use tracing::{Instrument, info_span};

use super::fold::about;
use super::run::Run;
use super::{DecisionError, DecisionModel, DecisionReceipt};
use crate::aggregate::{CommandContext, CommandOrigin, origin_settings};
use crate::app::Core;
use crate::store::{EventQuery, StreamId};
use crate::telemetry;
use crate::tenant::ChosenTenant;

/// A decision that is about to be made: set more, then say how with [`with`](Decide::with).
#[must_use = "nothing is decided until `with` says how, and is awaited"]
pub struct Decide<M> {
    core: Arc<Core>,
    query: EventQuery,
    stream: Option<StreamId>,
    origin: CommandOrigin,
    tenant: ChosenTenant,
    limit: Duration,
    model: PhantomData<fn() -> M>,
}

impl<M: DecisionModel> Decide<M> {
    pub(super) fn new(core: Arc<Core>, query: EventQuery) -> Self {
        Self {
            limit: core.config.dispatch_timeout,
            core,
            query: about::<M::Event>(query),
            stream: None,
            origin: CommandOrigin::begin(),
            tenant: ChosenTenant::ambient(),
            model: PhantomData,
        }
    }

    /// Appends to the stream of this name, in the decision's tenant, instead of to the one that the first tag of the first
    /// event names: `course:c1` names `course-c1`. A stream of an aggregate should hold no events but the aggregate's.
    pub fn stream(mut self, stream: StreamId) -> Self {
        self.stream = Some(stream);
        self
    }

    origin_settings!();

    /// Reads, decides and appends. `decide` is pure: after a conflict it runs again, on a model that knows what came in
    /// between; what it needs of the world is in its context. It gives the events, or the domain's refusal.
    ///
    /// A decision without events appends nothing, and like a refusal it stands on what could be read then: an event that
    /// was acknowledged a moment ago may be missing while others are being appended beside it.
    ///
    /// # Errors
    /// [`DecisionError`] with the domain's own error in [`Rejected`](DecisionError::Rejected).
    ///
    /// # Cancellation
    /// When the future is dropped, the events are stored as a whole or not at all.
    pub async fn with<F, I, E>(self, decide: F) -> Result<DecisionReceipt, DecisionError<E>>
    where
        F: FnMut(&M, &CommandContext) -> Result<I, E>,
        I: IntoIterator<Item = M::Event>,
    {
        let model = std::any::type_name::<M>();
        let span = info_span!(
            telemetry::DECIDE,
            { telemetry::MODEL } = model,
            { telemetry::CORRELATION_ID } = %self.origin.correlation_id(),
            { telemetry::STREAM } = tracing::field::Empty,
            { telemetry::ATTEMPTS } = tracing::field::Empty,
        );
        let limit = self.limit;
        let run = async move {
            let _place = self.core.enter().await.ok_or(DecisionError::ShuttingDown)?;
            let mut origin = self.origin;
            origin.tenant = self.tenant.resolve(self.core.config.require_tenant)?;
            let run = Run::new(self.core, self.query, self.stream, origin);
            run.decide(decide).await
        };
        // Boxed, as it is large and stands inside the caller's future.
        let outcome = tokio::time::timeout(limit, Box::pin(run.instrument(span))).await;
        outcome.unwrap_or(Err(DecisionError::Timeout { model, limit }))
    }
}

impl<M> fmt::Debug for Decide<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decide")
            .field("query", &self.query)
            .field("stream", &self.stream)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}
