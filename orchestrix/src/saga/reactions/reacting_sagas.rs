//! `app.reacting::<S>()`: to look at instances of a saga of reactions, and to see to those that are stuck.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::instance::{ReactingInstance, load};
use super::{Reacting, log};
use crate::app::Core;
use crate::message::{Key, MessageId, Metadata};
use crate::saga::event::Resolved;
use crate::saga::history;
use crate::saga::instances::{ATTEMPTS, Instances};
use crate::saga::{SagaEntry, SagaError, SagaHistory, SagaStatus};
use crate::store::TenantId;

/// The instances of one saga of reactions.
pub struct ReactingSagas<S> {
    instances: Instances,
    saga: PhantomData<fn() -> S>,
}

impl<S: Reacting> ReactingSagas<S> {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self {
            instances: Instances::of(core, S::NAME),
            saga: PhantomData,
        }
    }

    /// Of this tenant instead of that of the [scope](crate::tenant) it is awaited in.
    #[must_use]
    pub fn tenant(self, tenant: TenantId) -> Self {
        Self {
            instances: self.instances.of_tenant(tenant),
            saga: PhantomData,
        }
    }

    /// What happened to an instance; none where there is none with this key.
    ///
    /// # Errors
    /// [`SagaError`].
    pub async fn history(
        &self,
        key: &(impl Key + ?Sized),
    ) -> Result<Option<SagaHistory>, SagaError> {
        let stream = self.instances.stream(key)?;
        let mut entries = Vec::new();
        let mut instance = ReactingInstance::default();
        let walked = history::walk(&self.instances.core, &stream, |recorded, event| {
            let kept = (recorded.event_id(), recorded.data.occurred_at);
            instance.apply(event, kept, recorded.position);
            entries.push(SagaEntry::of(recorded, event));
        });
        let walked = walked.await;
        walked.map_err(|trouble| SagaError::of(trouble, stream.clone()))?;
        Ok(instance.is_there().then(|| SagaHistory {
            status: instance.status(),
            stream,
            entries,
        }))
    }

    /// The state of an instance; none where there is none with this key.
    ///
    /// # Errors
    /// [`SagaError`]; [`Failed`](SagaError::Failed) where it does not fit the type.
    pub async fn state(&self, key: &(impl Key + ?Sized)) -> Result<Option<S>, SagaError> {
        let stream = self.instances.stream(key)?;
        let loaded = load(&self.instances.core, &stream, None).await;
        let (instance, _) = loaded.map_err(|trouble| SagaError::of(trouble, stream.clone()))?;
        let state = instance.state.map(|state| state.read()).transpose();
        state.map_err(|source| SagaError::Failed {
            stream,
            source: source.into(),
        })
    }

    /// Says that a person has seen to an instance that is stuck, and how.
    ///
    /// # Errors
    /// [`SagaError`]; [`NotStuck`](SagaError::NotStuck) unless it is.
    pub async fn resolve(
        &self,
        key: &(impl Key + ?Sized),
        note: impl Into<String>,
    ) -> Result<(), SagaError> {
        let stream = self.instances.stream(key)?;
        let resolved = Resolved { note: note.into() }.into();
        let metadata = Metadata::begin(MessageId::new());
        for _ in 0..ATTEMPTS {
            let loaded = load(&self.instances.core, &stream, None).await;
            let (instance, _) = loaded.map_err(|trouble| SagaError::of(trouble, stream.clone()))?;
            if !instance.is_there() {
                return Err(SagaError::NotFound { stream });
            }
            let status = instance.status();
            if status != SagaStatus::Stuck {
                return Err(SagaError::NotStuck { stream, status });
            }
            let place = (&stream, &instance);
            match log::append(&self.instances.core, place, &resolved, &metadata).await {
                Ok(Some(_)) => return Ok(()),
                Ok(None) => {}
                Err(trouble) => return Err(SagaError::of(trouble, stream)),
            }
        }
        Err(SagaError::always_overtaken())
    }
}

impl<S> fmt::Debug for ReactingSagas<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReactingSagas").finish_non_exhaustive()
    }
}
