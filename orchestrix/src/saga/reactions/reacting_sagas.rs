//! `app.reacting::<S>()`: to look at instances of a saga of reactions, and to see to those that are stuck.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::instance::{ReactingInstance, load};
use super::{Reacting, log};
use crate::app::Core;
use crate::message::{Key, MessageId, Metadata};
use crate::saga::event::{self, Resolved};
use crate::saga::history;
use crate::saga::sagas::{change, failed};
use crate::saga::{SagaEntry, SagaError, SagaHistory, SagaStatus};
use crate::store::{StreamId, TenantId};
use crate::tenant::ChosenTenant;

/// How often what a person asks for is tried again, while the instance goes on by itself.
const ATTEMPTS: usize = 10;

/// The instances of one saga of reactions.
pub struct ReactingSagas<S> {
    core: Arc<Core>,
    tenant: ChosenTenant,
    saga: PhantomData<fn() -> S>,
}

impl<S: Reacting> ReactingSagas<S> {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            tenant: ChosenTenant::ambient(),
            saga: PhantomData,
        }
    }

    /// Of this tenant instead of that of the [scope](crate::tenant) it is awaited in.
    #[must_use]
    pub fn tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = ChosenTenant::named(tenant);
        self
    }

    /// What happened to an instance; none where there is none with this key.
    ///
    /// # Errors
    /// [`SagaError`].
    pub async fn history(
        &self,
        key: &(impl Key + ?Sized),
    ) -> Result<Option<SagaHistory>, SagaError> {
        let stream = self.stream(key)?;
        let mut entries = Vec::new();
        let mut instance = ReactingInstance::default();
        let walked = history::walk(&self.core, &stream, |recorded, event| {
            let kept = (recorded.event_id(), recorded.data.occurred_at);
            instance.apply(event, kept, recorded.position);
            entries.push(SagaEntry {
                version: recorded.version,
                at: recorded.data.occurred_at,
                what: change(event),
            });
        });
        let walked = walked.await;
        walked.map_err(|trouble| failed(trouble, stream.clone()))?;
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
        let stream = self.stream(key)?;
        let loaded = load(&self.core, &stream, None).await;
        let (instance, _) = loaded.map_err(|trouble| failed(trouble, stream.clone()))?;
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
        let stream = self.stream(key)?;
        let resolved = Resolved { note: note.into() }.into();
        let metadata = Metadata::begin(MessageId::new());
        for _ in 0..ATTEMPTS {
            let loaded = load(&self.core, &stream, None).await;
            let (instance, _) = loaded.map_err(|trouble| failed(trouble, stream.clone()))?;
            if !instance.is_there() {
                return Err(SagaError::NotFound { stream });
            }
            let status = instance.status();
            if status != SagaStatus::Stuck {
                return Err(SagaError::NotStuck { stream, status });
            }
            let place = (&stream, &instance);
            match log::append(&self.core, place, &resolved, &metadata).await {
                Ok(Some(_)) => return Ok(()),
                Ok(None) => {}
                Err(trouble) => return Err(failed(trouble, stream)),
            }
        }
        Err(SagaError::Unavailable {
            source: "others wrote to the instance each time".into(),
        })
    }

    fn stream(&self, key: &(impl Key + ?Sized)) -> Result<StreamId, SagaError> {
        if !self.core.registry.has_saga(S::NAME) {
            return Err(SagaError::NotRegistered { saga: S::NAME });
        }
        let tenant = self.tenant.clone();
        let tenant = tenant.resolve(self.core.config.require_tenant)?;
        let stream = event::stream_of(S::NAME, &key.to_key(), &tenant);
        stream.map_err(|source| SagaError::InvalidKey {
            saga: S::NAME,
            source,
        })
    }
}

impl<S> fmt::Debug for ReactingSagas<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReactingSagas").finish_non_exhaustive()
    }
}
